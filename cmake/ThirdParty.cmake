# SPDX-License-Identifier: GPL-3.0-or-later
# The C libraries, from the pinned sources in build/sources (tools/setup/sources.json): only the files
# that are used, each by name.

set(NKT_SOURCES_DIR "${PROJECT_SOURCE_DIR}/build/sources" CACHE PATH "Where set-up put the sources")
if(NOT EXISTS "${NKT_SOURCES_DIR}/libsodium/.nkt-stamp")
  message(FATAL_ERROR "No C sources in ${NKT_SOURCES_DIR}: run `node tools/setup.mjs` first")
endif()

# Makes a library of files named relative to `folder`.
function(nkt_add_library target folder sanitizers)
  list(TRANSFORM ARGN PREPEND "${folder}/" OUTPUT_VARIABLE files)
  add_library(${target} STATIC ${files})
  nkt_flags_library(${target} ${sanitizers})
endfunction()

include(cmake/Sodium.cmake)

# --- protobuf-c: the runtime of libsignal's messages and of our own schema

set(protobuf_c_dir "${NKT_SOURCES_DIR}/protobuf-c")
nkt_add_library(protobuf_c "${protobuf_c_dir}/protobuf-c" address,undefined protobuf-c.c)
target_include_directories(protobuf_c SYSTEM PUBLIC "${protobuf_c_dir}")

# --- cJSON: depth as threats.md asks

set(cjson_dir "${NKT_SOURCES_DIR}/cjson")
nkt_add_library(cjson "${cjson_dir}" address,undefined cJSON.c)
if(NKT_WASM)
  target_compile_options(cjson PRIVATE -Oz) # health, options, trackers: nothing that is in a hurry
endif()
target_compile_definitions(cjson PUBLIC CJSON_NESTING_LIMIT=32 CJSON_HIDE_SYMBOLS)
target_include_directories(cjson SYSTEM PUBLIC "${cjson_dir}" PRIVATE "${PROJECT_SOURCE_DIR}/core/src") # base/number.h
if(NOT NKT_WASM)
  target_link_libraries(cjson PUBLIC m)
endif()

# --- BearSSL: AES-CBC without secret-dependent loads or branches

set(bearssl_dir "${NKT_SOURCES_DIR}/bearssl")
nkt_add_library(bearssl_aes "${bearssl_dir}/src" address
  symcipher/aes_ct64.c
  symcipher/aes_ct64_enc.c
  symcipher/aes_ct64_dec.c
  symcipher/aes_ct64_cbcenc.c
  symcipher/aes_ct64_cbcdec.c
  codec/dec32le.c
  codec/enc32le.c)
target_include_directories(bearssl_aes PRIVATE "${bearssl_dir}/src")
target_include_directories(bearssl_aes SYSTEM PUBLIC "${bearssl_dir}/inc")

# --- libsignal-protocol-c, without its own Curve25519: the functions of it that curve.c calls come
#     from core/src/session/curve_sodium.c

set(signal_dir "${NKT_SOURCES_DIR}/libsignal-protocol-c/src")
nkt_add_library(signal "${signal_dir}" address,undefined
  FingerprintProtocol.pb-c.c
  LocalStorageProtocol.pb-c.c
  WhisperTextProtocol.pb-c.c
  curve.c
  device_consistency.c
  fingerprint.c
  group_cipher.c
  group_session_builder.c
  hkdf.c
  key_helper.c
  protocol.c
  ratchet.c
  sender_key.c
  sender_key_record.c
  sender_key_state.c
  session_builder.c
  session_cipher.c
  session_pre_key.c
  session_record.c
  session_state.c
  signal_protocol.c
  vpool.c)
target_include_directories(signal SYSTEM PUBLIC "${signal_dir}" PRIVATE "${PROJECT_SOURCE_DIR}/core/libsignal") # state_share.h
if(nkt_sanitizers) # an empty pool grows, an empty ciphertext is copied, by a memcpy of nothing from NULL
  set_source_files_properties("${signal_dir}/vpool.c" "${signal_dir}/protocol.c"
    PROPERTIES COMPILE_OPTIONS -fno-sanitize=nonnull-attribute)
endif()
target_link_libraries(signal PUBLIC protobuf_c)
if(NKT_WASM) # its time is spent in the cryptography below it, but for what every message goes through
  target_compile_options(signal PRIVATE -Oz)
  target_compile_options(protobuf_c PRIVATE -O2)
  foreach(file curve hkdf protocol ratchet session_record session_state signal_protocol)
    set_source_files_properties("${signal_dir}/${file}.c" PROPERTIES COMPILE_OPTIONS -O2)
  endforeach()
endif()
# As it comes: 2000 and 40. A forged counter costs that many keys, a forged message is tried on that
# many sessions. Past the first the session is renewed, so lower is only sooner.
set(NKT_SIGNAL_SKIP_MAX 512)    # message keys skipped on one chain
set(NKT_SIGNAL_GROUP_SKIP_MAX 256) # message keys skipped on one sender key: each is derived again for every message
set(NKT_SIGNAL_ARCHIVED_MAX 5)  # archived sessions of one peer
target_compile_definitions(signal PUBLIC
  NKT_SIGNAL_SKIP_MAX=${NKT_SIGNAL_SKIP_MAX}
  NKT_SIGNAL_GROUP_SKIP_MAX=${NKT_SIGNAL_GROUP_SKIP_MAX}
  NKT_SIGNAL_ARCHIVED_MAX=${NKT_SIGNAL_ARCHIVED_MAX})

if(NOT NKT_WASM)
  include(cmake/SignalCurveRef.cmake)
endif()
