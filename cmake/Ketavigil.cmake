# The two shapes every folder uses, so that options, warnings and precompiled headers are said once.

# The common standard headers, compiled once and reused by every library and test.
set(KETAVIGIL_PRECOMPILED
  <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <string>
  <string_view> <unordered_map> <utility> <variant> <vector>)
add_library(ketavigil_precompiled OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled.cc)
target_precompile_headers(ketavigil_precompiled PRIVATE ${KETAVIGIL_PRECOMPILED})

# With KETAVIGIL_COMPILE_TOGETHER several files of a target are compiled as one, so that headers are read and templates
# instantiated once for all of them: about half the time from bare. The presets dev and asan-ubsan compile each by itself,
# which shows what a file forgets to include. Files that give one name to different things in their unnamed namespaces stay ALONE.
function(ketavigil_compile_together target files)
  if(KETAVIGIL_COMPILE_TOGETHER)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${files})
    target_compile_options(${target} PRIVATE -Wno-shadow)  # of one file's names by another's; the other presets warn
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# ketavigil_library(NAME name SOURCES ... [ALONE ...] DEPENDS ... [PRIVATE_DEPENDS ...] [PRECOMPILED ...]): one library
# a folder. ALONE are those of SOURCES that are not compiled together with others.
# DEPENDS are the libraries of DESIGN's arrows and public third parties; PRECOMPILED are heavy headers that most of its
# files include.
function(ketavigil_library)
  cmake_parse_arguments(LIB "" "NAME" "SOURCES;ALONE;DEPENDS;PRIVATE_DEPENDS;PRECOMPILED" ${ARGN})
  add_library(ketavigil_${LIB_NAME} STATIC ${LIB_SOURCES})
  add_library(ketavigil::${LIB_NAME} ALIAS ketavigil_${LIB_NAME})
  target_include_directories(ketavigil_${LIB_NAME} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(ketavigil_${LIB_NAME} PUBLIC ${LIB_DEPENDS} PRIVATE ${LIB_PRIVATE_DEPENDS})
  if(LIB_PRECOMPILED)
    target_precompile_headers(ketavigil_${LIB_NAME} PRIVATE ${KETAVIGIL_PRECOMPILED} ${LIB_PRECOMPILED})
  else()
    target_precompile_headers(ketavigil_${LIB_NAME} REUSE_FROM ketavigil_precompiled)
  endif()
  ketavigil_compile_together(ketavigil_${LIB_NAME} 5 ${LIB_ALONE})
endfunction()

# ketavigil_test(NAME name SOURCES ... [ALONE ...] DEPENDS ...): one test program a folder, run by ctest as one test a folder
# (every case of GoogleTest still prints its own line).
function(ketavigil_test)
  cmake_parse_arguments(TST "IN_MEMORY" "NAME;TIMEOUT" "SOURCES;ALONE;DEPENDS" ${ARGN})
  if(NOT TST_TIMEOUT)
    set(TST_TIMEOUT 300)
  endif()
  add_executable(test_${TST_NAME} ${TST_SOURCES})
  if(TARGET ketavigil_c11_threads)
    target_link_libraries(test_${TST_NAME} PRIVATE ketavigil_c11_threads)
  endif()
  target_include_directories(test_${TST_NAME} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(test_${TST_NAME} PRIVATE ${TST_DEPENDS} GTest::gtest GTest::gtest_main)
  # GoogleTest's macros hold an else of their own, so `if (x) EXPECT_…` is what it looks like.
  target_compile_options(test_${TST_NAME} PRIVATE -Wno-dangling-else)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(test_${TST_NAME} PRIVATE -O0)  # what is tested is optimised; a test is compiled more often than run
  endif()
  set(precompiled <gtest/gtest.h> <algorithm> <map> <string> <vector>)
  list(LENGTH TST_SOURCES sources)
  if(sources GREATER 3 AND "nlohmann_json::nlohmann_json" IN_LIST TST_DEPENDS)
    list(APPEND precompiled <nlohmann/json.hpp>)
  endif()
  target_precompile_headers(test_${TST_NAME} PRIVATE ${precompiled})
  ketavigil_compile_together(test_${TST_NAME} 8 ${TST_ALONE})
  target_compile_definitions(test_${TST_NAME} PRIVATE
    KETAVIGIL_SOURCE_DIR="${CMAKE_SOURCE_DIR}" KETAVIGIL_BINARY="$<TARGET_FILE:ketavigil>")
  add_test(NAME ${TST_NAME} COMMAND test_${TST_NAME})
  # Tests sync as the product does; where what they test is not the disk (IN_MEMORY) they may do it in memory. Random
  # cases are as many as a check has time for; the campaigns ask for more.
  set(environment "RC_PARAMS=max_success=40")
  set(sanitized false)
  if(KETAVIGIL_SANITIZE)  # ten times slower; the release build has more cases
    set(environment "RC_PARAMS=max_success=8")
    set(sanitized true)
  endif()
  target_compile_definitions(test_${TST_NAME} PRIVATE KETAVIGIL_SANITIZED=${sanitized})
  if(TST_IN_MEMORY AND EXISTS /dev/shm)
    list(APPEND environment "TMPDIR=/dev/shm")
  endif()
  set_tests_properties(${TST_NAME} PROPERTIES TIMEOUT ${TST_TIMEOUT} ENVIRONMENT "${environment}")
endfunction()

# ketavigil_long_test(NAME SECONDS): about how long a test takes, so that the longest begin first and nothing is waited for
# at the end.
function(ketavigil_long_test name seconds)
  set_tests_properties(${name} PROPERTIES COST ${seconds})
endfunction()
