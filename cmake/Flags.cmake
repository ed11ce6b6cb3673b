# SPDX-License-Identifier: GPL-3.0-or-later
# Flags: of everything, of our own code (nkt_flags_own), of the libraries (nkt_flags_library).

# Paths of this machine do not get into what is built, so the same sources give the same bytes.
add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}=." -fno-strict-aliasing)
add_compile_options(-ffunction-sections -fdata-sections)

if(NKT_WASM)
  set(CMAKE_C_FLAGS_RELEASE "-O3")
  # memory.copy and memory.fill: every browser with WebRTC and Trusted Types has them
  add_compile_options(-mbulk-memory -msign-ext -mnontrapping-fptoint)
else()
  set(CMAKE_C_FLAGS_RELEASE "-O2 -g1") # functions and lines are what a profile shows; variables cost a fifth of the compiler's time
  set(CMAKE_C_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer") # the same; `NKT_VARIABLES=1 node tools/build.mjs native` for a debugger
  if(NKT_VARIABLES)
    set(CMAKE_C_FLAGS_DEBUG "-O0 -g -fno-omit-frame-pointer")
  endif()
  add_link_options(-Wl,--gc-sections)
endif()

set(nkt_sanitizers "")
if(NKT_SANITIZE OR NKT_FUZZ)
  set(nkt_sanitizers address,undefined)
  add_link_options("-fsanitize=${nkt_sanitizers}")
  find_program(NKT_LLD ld.lld) # a third of ld's CPU time, 40 programs
  if(NKT_LLD AND CMAKE_C_COMPILER_ID MATCHES Clang)
    add_link_options(-fuse-ld=lld)
  endif()
endif()
if(NKT_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "NKT_FUZZ needs clang: add -DCMAKE_C_COMPILER=clang")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Our own code: picky warnings are errors, every sanitizer's finding ends the program.
function(nkt_flags_own target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-sign-conversion
    -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wundef -Wvla -Walloca
    -Wcast-qual -Wformat=2 -Wimplicit-fallthrough -Wnull-dereference)
  if(nkt_sanitizers)
    target_compile_options(${target} PRIVATE
      "-fsanitize=${nkt_sanitizers}" -fno-sanitize-recover=all)
  endif()
endfunction()

# What is compiled for longer than it runs, under the sanitizers: tests. Not optimised it takes a third of the compiler's time.
function(nkt_flags_brief target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O0>)
endfunction()

# The libraries: their warnings are their own. `sanitizers` may leave out what they do on purpose.
function(nkt_flags_library target sanitizers)
  target_compile_options(${target} PRIVATE -w)
  if(nkt_sanitizers)
    target_compile_options(${target} PRIVATE "-fsanitize=${sanitizers}" -fno-sanitize-recover=all)
  endif()
endfunction()

# A fuzzer: nkt_add_fuzzer(fuzz_wire tests/fuzz/fuzz_wire.c)
function(nkt_add_fuzzer target)
  add_executable(${target} ${ARGN})
  nkt_flags_own(${target})
  target_link_libraries(${target} PRIVATE nkt_core)
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
endfunction()
