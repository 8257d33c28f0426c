# Reading the headers of libraries is three quarters of the time that a source takes to compile: with
# DCM_PRECOMPILED a build reads them once. Presets without it, clang-tidy's among them, see that each source
# includes what it uses.

option(DCM_PRECOMPILED "Read the headers of libraries once per build, not once per source" OFF)

# dcm_precompile(NAME [HEADER …]): what dcm_use_precompiled(TARGET NAME) makes a target read first.
function(dcm_precompile name)
    if(DCM_PRECOMPILED)
        file(CONFIGURE OUTPUT "${name}.cc" CONTENT "")
        add_library(${name} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${name}.cc")
        target_link_libraries(${name} PRIVATE dcm_options Boost::headers nlohmann_json::nlohmann_json)
        target_precompile_headers(
            ${name}
            PRIVATE
            <algorithm>
            <chrono>
            <filesystem>
            <functional>
            <map>
            <memory>
            <optional>
            <sstream>
            <string>
            <unordered_map>
            <variant>
            <vector>
            <boost/multiprecision/cpp_int.hpp>
            <boost/rational.hpp>
            <nlohmann/json.hpp>
            ${ARGN})
    endif()
endfunction()

function(dcm_use_precompiled target name)
    if(DCM_PRECOMPILED)
        target_precompile_headers(${target} REUSE_FROM ${name})
    endif()
endfunction()
