# SPDX-License-Identifier: GPL-3.0-or-later
# sodium: the parts of libsodium that are used, in portable C on every target. Entropy comes from the
# host: randombytes_set_implementation must be called before sodium_init and before anything else.

set(sodium_dir "${NKT_SOURCES_DIR}/libsodium/src/libsodium")

set(VERSION 1.0.22)
set(SODIUM_LIBRARY_VERSION_MAJOR 26)
set(SODIUM_LIBRARY_VERSION_MINOR 4)
set(SODIUM_LIBRARY_MINIMAL_DEF "")
configure_file("${sodium_dir}/include/sodium/version.h.in"
  "${PROJECT_BINARY_DIR}/sodium/sodium/version.h" @ONLY)
configure_file("${sodium_dir}/include/sodium/export.h" # version.h includes it as its neighbour
  "${PROJECT_BINARY_DIR}/sodium/sodium/export.h" COPYONLY)

nkt_add_library(sodium "${sodium_dir}" address
  crypto_aead/xchacha20poly1305/aead_xchacha20poly1305.c
  crypto_auth/hmacsha256/auth_hmacsha256.c
  crypto_box/crypto_box.c
  crypto_box/crypto_box_easy.c
  crypto_box/curve25519xsalsa20poly1305/box_curve25519xsalsa20poly1305.c
  crypto_core/ed25519/core_ed25519.c
  crypto_core/ed25519/ref10/ed25519_ref10.c
  crypto_core/hchacha20/core_hchacha20.c
  crypto_core/hsalsa20/core_hsalsa20.c
  crypto_core/hsalsa20/ref2/core_hsalsa20_ref2.c
  crypto_core/keccak1600/keccak1600.c
  crypto_core/keccak1600/ref/keccak1600_ref.c
  crypto_core/salsa/ref/core_salsa_ref.c
  crypto_generichash/blake2b/generichash_blake2.c
  crypto_generichash/blake2b/ref/blake2b-compress-ref.c
  crypto_generichash/blake2b/ref/blake2b-ref.c
  crypto_generichash/blake2b/ref/generichash_blake2b.c
  crypto_generichash/crypto_generichash.c
  crypto_hash/sha256/cp/hash_sha256_cp.c
  crypto_hash/sha256/hash_sha256.c
  crypto_hash/sha3/hash_sha3.c
  crypto_hash/sha512/cp/hash_sha512_cp.c
  crypto_hash/sha512/hash_sha512.c
  crypto_kem/mlkem768/kem_mlkem768.c
  crypto_kem/mlkem768/ref/kem_mlkem768_ref.c
  crypto_onetimeauth/poly1305/donna/poly1305_donna.c
  crypto_onetimeauth/poly1305/onetimeauth_poly1305.c
  crypto_scalarmult/crypto_scalarmult.c
  crypto_scalarmult/curve25519/ref10/x25519_ref10.c
  crypto_scalarmult/curve25519/scalarmult_curve25519.c
  crypto_scalarmult/ed25519/ref10/scalarmult_ed25519_ref10.c
  crypto_secretbox/crypto_secretbox.c
  crypto_secretbox/crypto_secretbox_easy.c
  crypto_secretbox/xsalsa20poly1305/secretbox_xsalsa20poly1305.c
  crypto_sign/crypto_sign.c
  crypto_sign/ed25519/ref10/keypair.c
  crypto_sign/ed25519/ref10/obsolete.c
  crypto_sign/ed25519/ref10/open.c
  crypto_sign/ed25519/ref10/sign.c
  crypto_sign/ed25519/sign_ed25519.c
  crypto_stream/chacha20/ref/chacha20_ref.c
  crypto_stream/chacha20/stream_chacha20.c
  crypto_stream/salsa20/ref/salsa20_ref.c
  crypto_stream/salsa20/stream_salsa20.c
  crypto_stream/xchacha20/stream_xchacha20.c
  crypto_stream/xsalsa20/stream_xsalsa20.c
  crypto_verify/verify.c
  crypto_xof/shake128/ref/shake128_ref.c
  crypto_xof/shake128/xof_shake128.c
  crypto_xof/shake256/ref/shake256_ref.c
  crypto_xof/shake256/xof_shake256.c
  randombytes/randombytes.c
  sodium/codecs.c
  sodium/core.c
  sodium/runtime.c
  sodium/utils.c
  # Argon2id, for keys from a passphrase
  crypto_pwhash/argon2/argon2.c
  crypto_pwhash/argon2/argon2-core.c
  crypto_pwhash/argon2/argon2-fill-block-ref.c
  crypto_pwhash/argon2/blake2b-long.c)

target_include_directories(sodium SYSTEM
  PUBLIC "${sodium_dir}/include" "${PROJECT_BINARY_DIR}/sodium"
  PRIVATE "${sodium_dir}/include/sodium" "${PROJECT_BINARY_DIR}/sodium/sodium"
    "${PROJECT_SOURCE_DIR}/core/libsodium") # ours, included by some of these files
target_compile_definitions(sodium
  PUBLIC SODIUM_STATIC=1
  PRIVATE CONFIGURED=1 NATIVE_LITTLE_ENDIAN=1 HAVE_WEAK_SYMBOLS=1 HAVE_C_VARARRAYS=1
    HAVE_EXPLICIT_BZERO=1)
if(NOT NKT_WASM AND CMAKE_SIZEOF_VOID_P EQUAL 8)
  target_compile_definitions(sodium PUBLIC HAVE_TI_MODE=1) # 128-bit products: fields of 5 limbs
endif()
if(CMAKE_BUILD_TYPE STREQUAL Debug)
  target_compile_options(sodium PRIVATE -O2) # the tests wait for it
endif()
if(nkt_sanitizers AND CMAKE_C_COMPILER_ID MATCHES Clang)
  target_compile_options(sodium PRIVATE "-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/cmake/arithmetic.ignore")
endif()

# No entropy source of its own: without this it would reach for JavaScript, or for the system's.
set_source_files_properties("${sodium_dir}/randombytes/randombytes.c" PROPERTIES
  COMPILE_OPTIONS "-U__EMSCRIPTEN__;-DRANDOMBYTES_CUSTOM_IMPLEMENTATION=1;-DRANDOMBYTES_DEFAULT_IMPLEMENTATION=NULL")

# SIMD where it helps; every browser that the page supports has it (web/check.js). Field operations in pairs: core/libsodium/fe25519_x2.h.
# ML-KEM: Keccak in pairs (core/libsodium/mlkem768_x2.h), the other loops by the compiler: unrolled as well they are no quicker, and
# 11 KB gzipped more
if(NKT_WASM)
  set_source_files_properties(
    "${sodium_dir}/crypto_core/ed25519/ref10/ed25519_ref10.c"
    "${sodium_dir}/crypto_scalarmult/curve25519/ref10/x25519_ref10.c"
    PROPERTIES COMPILE_OPTIONS -msimd128)
  set_source_files_properties("${sodium_dir}/crypto_kem/mlkem768/ref/kem_mlkem768_ref.c"
    PROPERTIES COMPILE_OPTIONS "-msimd128;-O2;-fno-unroll-loops")
endif()
