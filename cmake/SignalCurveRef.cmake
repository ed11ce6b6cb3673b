# SPDX-License-Identifier: GPL-3.0-or-later
# signal_curve_ref: libsignal's own Curve25519 with its entry points renamed to ref_*, so that a test
# can compare ours with it. Native only, linked by tests only.
# tests/unit declares what it uses: ref_curve25519_donna, ref_curve25519_sign, ref_curve25519_verify,
# ref_generalized_xveddsa_25519_sign, ref_generalized_xveddsa_25519_verify, ref_all_fast_tests.

set(curve_dir "${signal_dir}/curve25519")
# Named by pattern, as the only place: it is the whole of a fetched, pinned folder.
file(GLOB curve_files CONFIGURE_DEPENDS RELATIVE "${curve_dir}"
  "${curve_dir}/curve25519-donna.c"
  "${curve_dir}/ed25519/*.c"
  "${curve_dir}/ed25519/additions/*.c"
  "${curve_dir}/ed25519/additions/generalized/*.c"
  "${curve_dir}/ed25519/nacl_sha512/*.c"
  "${curve_dir}/ed25519/tests/internal_fast_tests.c")

nkt_add_library(signal_curve_ref "${curve_dir}" address ${curve_files})
nkt_flags_brief(signal_curve_ref)
target_include_directories(signal_curve_ref PRIVATE
  "${curve_dir}"
  "${curve_dir}/ed25519"
  "${curve_dir}/ed25519/additions"
  "${curve_dir}/ed25519/additions/generalized"
  "${curve_dir}/ed25519/nacl_includes"
  "${curve_dir}/ed25519/nacl_sha512"
  "${curve_dir}/ed25519/tests")
foreach(symbol
    curve25519_donna curve25519_sign curve25519_verify curve25519_keygen
    generalized_xveddsa_25519_sign generalized_xveddsa_25519_verify all_fast_tests
    crypto_hash_sha512 crypto_hashblocks_sha512 crypto_sign crypto_sign_open crypto_sign_modified
    crypto_sign_open_modified crypto_verify_32_ref)
  target_compile_definitions(signal_curve_ref PRIVATE ${symbol}=ref_${symbol})
endforeach()
