# SPDX-License-Identifier: GPL-3.0-or-later
# emcc is a Python program around clang, and of the 0.25 s that a file takes, 0.2 are Python's: 40 s of CPU in a build. What it would
# call is asked for once, and called for each file. The objects are the same, but for those of -Oz: emcc forbids inlining there, which
# makes cJSON larger (core.wasm by 53 bytes). emcc still links.

option(NKT_EMCC_COMPILES "Let emcc compile each file, to compare" OFF)

set(nkt_emcc_call "\"([^\"]*/clang[-0-9.]*)\" (-target wasm32-[^\n]*) -c -v ")
file(WRITE "${PROJECT_BINARY_DIR}/nothing.c" "")
execute_process(COMMAND "${CMAKE_C_COMPILER}" -c -v nothing.c -o nothing.o
  WORKING_DIRECTORY "${PROJECT_BINARY_DIR}" ERROR_VARIABLE nkt_emcc_said OUTPUT_QUIET)
if(NKT_EMCC_COMPILES)
  # as it comes
elseif(nkt_emcc_said MATCHES "${nkt_emcc_call}")
  set(CMAKE_C_COMPILE_OBJECT "\"${CMAKE_MATCH_1}\" ${CMAKE_MATCH_2} <DEFINES> <INCLUDES> <FLAGS> -o <OBJECT> -c <SOURCE>")
else() # another emcc, which says it in other words
  message(STATUS "emcc does not say what it calls, and compiles each file itself")
endif()

# emar and emranlib are Python around these
find_program(NKT_LLVM_AR llvm-ar)
find_program(NKT_LLVM_RANLIB llvm-ranlib)
if(NKT_LLVM_AR AND NKT_LLVM_RANLIB)
  set(CMAKE_AR "${NKT_LLVM_AR}")
  set(CMAKE_RANLIB "${NKT_LLVM_RANLIB}")
endif()
