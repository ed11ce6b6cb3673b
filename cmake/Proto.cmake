# SPDX-License-Identifier: GPL-3.0-or-later
# nkt_proto: what protoc-c makes of our schema.
find_program(PROTOC_C protoc-c REQUIRED)

set(proto_dir "${PROJECT_SOURCE_DIR}/core/src/wire")
set(proto_out "${PROJECT_BINARY_DIR}/generated")
file(MAKE_DIRECTORY "${proto_out}")
add_custom_command(
  OUTPUT "${proto_out}/nkt.pb-c.c" "${proto_out}/nkt.pb-c.h"
  COMMAND "${PROTOC_C}" "--proto_path=${proto_dir}" "--c_out=${proto_out}" nkt.proto
  DEPENDS "${proto_dir}/nkt.proto"
  COMMENT "protoc-c nkt.proto"
  VERBATIM)

add_library(nkt_proto STATIC "${proto_out}/nkt.pb-c.c" "${proto_out}/nkt.pb-c.h")
nkt_flags_library(nkt_proto address,undefined)
target_include_directories(nkt_proto SYSTEM PUBLIC "${proto_out}")
target_link_libraries(nkt_proto PUBLIC protobuf_c)
