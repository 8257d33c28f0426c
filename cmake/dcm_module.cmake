# The one way to make a library or a test here: language, warnings and sanitizers come with it.

add_library(dcm_options INTERFACE)
target_compile_features(dcm_options INTERFACE cxx_std_20)
target_include_directories(dcm_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(dcm_options INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(
    dcm_options
    INTERFACE -Wall
              -Wextra
              -Wpedantic
              -Wshadow
              -Wconversion
              -Wsign-conversion
              -Wold-style-cast
              -Wnon-virtual-dtor
              -Woverloaded-virtual
              -Wdouble-promotion
              -Wformat=2
              -Wswitch-enum
              -Wfloat-equal
              # gcc gives false alarms of this one from inlined parts of its own library.
              $<$<CXX_COMPILER_ID:Clang>:-Wnull-dereference>
              $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond
              -Wduplicated-branches
              -Wlogical-op>)

set(DCM_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")
if(DCM_SANITIZE)
    # -fno-sanitize=vptr: linking SOCI fails with it.
    set(sanitize_flags "-fsanitize=${DCM_SANITIZE}" -fno-sanitize=vptr -fno-sanitize-recover=all
                       -fno-omit-frame-pointer)
    # GCC documents false alarms of -Wmaybe-uninitialized with sanitizers on.
    target_compile_options(dcm_options
                           INTERFACE ${sanitize_flags} $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    # -no-pie: sanitizers leave millions of pointers to static data; relocating them was a
    # third of what a start of the program took, and the end-to-end tests start it thousands of times.
    target_link_options(dcm_options INTERFACE ${sanitize_flags} -no-pie)
endif()

# dcm_module(NAME SOURCES … [DEPENDS …] [PRIVATE_DEPENDS …]): the library of one folder.
function(dcm_module name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS")
    add_library(dcm_${name} STATIC ${arg_SOURCES})
    target_link_libraries(
        dcm_${name}
        PUBLIC dcm_options ${arg_DEPENDS}
        PRIVATE ${arg_PRIVATE_DEPENDS})
endfunction()

# dcm_test(NAME SOURCES … DEPENDS … [LABELS …]): one test binary, linked with one module and what it may use.
function(dcm_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;LABELS")
    add_executable(${name}_test ${arg_SOURCES})
    target_link_libraries(${name}_test PRIVATE dcm_test_main ${arg_DEPENDS})
    target_compile_definitions(
        ${name}_test PRIVATE DCM_CASES_DIR="${PROJECT_SOURCE_DIR}/../shared/cases"
                             DCM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" SKIP_RETURN_CODE 77)
endfunction()
