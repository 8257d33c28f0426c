#include "consumer/attribute_syntax.h"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

TEST_CASE("URI references are those of RFC 3986", "[attribute_syntax]") {
    using dcm::consumer::is_uri_reference;
    for (const std::string_view text : {"",
                                        "a",
                                        "/",
                                        "//",
                                        "//host",
                                        "//host:/",
                                        "//user:pw@host:80/p",
                                        "?q",
                                        "#f",
                                        "a/b:c",
                                        "./a:b",
                                        "dcm/providers/x",
                                        "urn:uuid:6e8bc430",
                                        "mailto:a@b",
                                        "http://[::1]/",
                                        "http://[2001:db8::192.0.2.1]:8",
                                        "http://[v1.a:b]",
                                        "x:",
                                        "x:?q#f",
                                        "a%20b",
                                        "a?b?c/d#e?f/g",
                                        "http://a/b;c=d,e!$&'()*+",
                                        "a@b",
                                        "..",
                                        "~_-."}) {
        INFO(text);
        CHECK(is_uri_reference(text));
    }
    for (const std::string_view text : {" ",
                                        "a b",
                                        "{x}",
                                        "a\\b",
                                        "a:b:c d",
                                        "1a:b",
                                        ":a",
                                        "a_b:c",
                                        "%",
                                        "%4",
                                        "%zz",
                                        "a%2",
                                        "#a#b",
                                        "//[::1",
                                        "//[::1]x",
                                        "//[1:2]",
                                        "//[::1%25eth0]",
                                        "//[v.a]",
                                        "//[v1.]",
                                        "//[vg.a]",
                                        "//host:8x",
                                        "//a@b@c",
                                        "//h[",
                                        "a[b]",
                                        "\"x\"",
                                        "<x>",
                                        "^",
                                        "|",
                                        "`",
                                        "é"}) {
        INFO(text);
        CHECK_FALSE(is_uri_reference(text));
    }
    CHECK_FALSE(is_uri_reference(std::string("//[::1\0]", 8)));
}

TEST_CASE("an absolute URI has a scheme and may have a fragment", "[attribute_syntax]") {
    using dcm::consumer::is_absolute_uri;
    CHECK(is_absolute_uri("https://x.example/s#f"));
    CHECK(is_absolute_uri("urn:a"));
    CHECK(is_absolute_uri("a+b-c.1:x"));
    CHECK_FALSE(is_absolute_uri(""));
    CHECK_FALSE(is_absolute_uri("//host/x"));
    CHECK_FALSE(is_absolute_uri("x/y:z"));
    CHECK_FALSE(is_absolute_uri("1x:y"));
    CHECK_FALSE(is_absolute_uri("x:y z"));
}

TEST_CASE("media types are a type, a subtype and parameters", "[attribute_syntax]") {
    using dcm::consumer::is_media_type;
    for (const std::string_view text :
         {"a/b", "application/vnd.x+json", "a/b;c=d", R"(a/b ; c="x;\"y" ;e=f)", "a/b;", "*/*"}) {
        INFO(text);
        CHECK(is_media_type(text));
    }
    for (const std::string_view text : {"",
                                        "a",
                                        "a/",
                                        "/b",
                                        "a/b/c",
                                        "a/b c",
                                        "a/b;c",
                                        "a/b;c=",
                                        "a/b;=d",
                                        "a/b;c=\"x",
                                        " a/b",
                                        "a/b ",
                                        "a /b",
                                        "a/b;c =d",
                                        "a/b;c= d"}) {
        INFO(text);
        CHECK_FALSE(is_media_type(text));
    }
}

TEST_CASE("JSON media types are known in any case", "[attribute_syntax]") {
    using dcm::consumer::is_json_media_type;
    for (const std::string_view text : {"application/json",
                                        "Text/JSON",
                                        "x/y+Json",
                                        "application/json;v=1",
                                        "application/json ; v=1"}) {
        INFO(text);
        CHECK(is_json_media_type(text));
    }
    for (const std::string_view text :
         {"application/jsonx", "image/json", "application/x;y=z+json", "text/plain"}) {
        INFO(text);
        CHECK_FALSE(is_json_media_type(text));
    }
}

TEST_CASE("attribute text has no control character and no noncharacter", "[attribute_syntax]") {
    using dcm::consumer::is_attribute_text;
    for (const std::string_view text : {"",
                                        " ",
                                        "~",
                                        "\u00A0",
                                        "\uFDCF",
                                        "\uFDF0",
                                        "\uFFFD",
                                        "\U00010000",
                                        "\U0001FFFD",
                                        "\U0010FFFD",
                                        "\uE000",
                                        "\uD7FF"}) {
        INFO(text);
        CHECK(is_attribute_text(text));
    }
    for (const std::string_view text : {"\x01",
                                        "\x1F",
                                        "a\x7F",
                                        "\u0080",
                                        "\u009F",
                                        "\uFDD0",
                                        "\uFDEF",
                                        "\uFFFE",
                                        "\uFFFF",
                                        "\U0001FFFE",
                                        "\U0010FFFF",
                                        "\U0008FFFF"}) {
        INFO(text);
        CHECK_FALSE(is_attribute_text(text));
    }
    CHECK_FALSE(is_attribute_text(std::string(1, '\0')));
}

TEST_CASE("attribute names are lower-case letters and digits", "[attribute_syntax]") {
    using dcm::consumer::is_attribute_name;
    CHECK(is_attribute_name("a"));
    CHECK(is_attribute_name("0z"));
    CHECK_FALSE(is_attribute_name(""));
    CHECK_FALSE(is_attribute_name("A"));
    CHECK_FALSE(is_attribute_name("a_b"));
    CHECK_FALSE(is_attribute_name("é"));
}

TEST_CASE("subjects and types name a service type of 1 to 63 characters", "[attribute_syntax]") {
    using dcm::consumer::service_type_of_subject;
    using dcm::consumer::service_type_of_type;
    for (const std::string& service_type : {std::string("0"), "a" + std::string(62, '-')}) {
        CHECK(service_type_of_subject("dcm." + service_type) == service_type);
        CHECK(service_type_of_type("dcm.status." + service_type) == service_type);
    }
    for (const std::string& faulty : {"a" + std::string(63, '-'),
                                      std::string(),
                                      std::string("-a"),
                                      std::string("_a"),
                                      std::string("aB"),
                                      std::string("a.b")}) {
        INFO(faulty);
        CHECK(service_type_of_subject("dcm." + faulty).empty());
        CHECK(service_type_of_type("dcm.status." + faulty).empty());
    }
    CHECK(service_type_of_subject("vm").empty());
    CHECK(service_type_of_type("dcm.vm").empty());
}
