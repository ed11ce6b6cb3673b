# SPDX-License-Identifier: GPL-3.0-or-later
# core.wasm (and bench.wasm, for tools/bench): a standalone reactor without generated JavaScript. What it exports is marked with
# __attribute__((export_name)) in glue/wasm/exports.c; its only imports are the host's functions,
# which tools/wasm/check.mjs holds it to.

set(NKT_WASM_MALLOC dlmalloc CACHE STRING "dlmalloc (quick) or emmalloc (6 KB smaller)")
option(NKT_WASM_NAMES "Keep function names, for profiling" OFF)

# What the glue knows it by (tools/wasm/interface.mjs)
set(interface_file "${PROJECT_SOURCE_DIR}/glue/interface.js")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${interface_file}")
file(STRINGS "${interface_file}" interface_line REGEX "INTERFACE = 0x")
string(REGEX MATCH "0x[0-9a-f]+" NKT_WASM_INTERFACE "${interface_line}")

# nkt_add_wasm(core exports.c) makes core.wasm
function(nkt_add_wasm name source)
  set(target "${name}_wasm")
  add_executable(${target}
    "${PROJECT_SOURCE_DIR}/glue/wasm/${source}"
    "${PROJECT_SOURCE_DIR}/glue/wasm/libc_shim.c")
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} SUFFIX .wasm)
  nkt_flags_own(${target})
  target_compile_definitions(${target} PRIVATE "NKT_WASM_INTERFACE=${NKT_WASM_INTERFACE}")
  target_compile_options(${target} PRIVATE -Wno-missing-prototypes) # exports have no header
  target_link_libraries(${target} PRIVATE nkt_core)
  target_link_options(${target} PRIVATE
    -Oz
    -sSTANDALONE_WASM
    --no-entry
    -sALLOW_MEMORY_GROWTH
    -sINITIAL_MEMORY=2MB
    -sMAXIMUM_MEMORY=256MB
    -sTOTAL_STACK=512KB
    -sMALLOC=${NKT_WASM_MALLOC}
    -sFILESYSTEM=0
    -sBINARYEN_EXTRA_PASSES=-O3
    -sEXPORTED_FUNCTIONS=[]
    # The host's functions are undefined here; the finished module's imports are checked instead.
    -sERROR_ON_UNDEFINED_SYMBOLS=0
    -sWARN_ON_UNDEFINED_SYMBOLS=0
    $<$<BOOL:${NKT_WASM_NAMES}>:--profiling-funcs>)
  # Where Debian puts the acorn that emcc may call
  set_property(TARGET ${target} PROPERTY RULE_LAUNCH_LINK "env NODE_PATH=/usr/share/nodejs")
endfunction()

# once more for speed: a message costs 5 % less. (Once more for size before that, until nothing becomes smaller, took 14 s of CPU of each
# build for 24 bytes.)
nkt_add_wasm(core exports.c)
nkt_add_wasm(bench bench.c)
