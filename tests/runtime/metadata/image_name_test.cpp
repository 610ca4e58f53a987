#include "runtime/metadata/image_name.h"

#include <doctest/doctest.h>

using falcod::metadata::is_image_id;
using falcod::metadata::parse_image_name;

TEST_CASE("references to images: registry, port, tag and digest") {
  struct Case {
    const char *reference, *repository, *tag, *digest;
  };
  for (const Case& each : {
           Case{"busybox", "busybox", "", ""},
           Case{"busybox:1.36", "busybox", "1.36", ""},
           Case{"localhost:5000/a/b", "localhost:5000/a/b", "", ""},
           Case{"localhost:5000/a/b:v1", "localhost:5000/a/b", "v1", ""},
           Case{"r.io/a@sha256:12", "r.io/a", "", "sha256:12"},
           Case{"r.io/a:v1@sha256:12", "r.io/a", "v1", "sha256:12"},
           Case{"", "", "", ""},
       }) {
    CAPTURE(each.reference);
    const auto name = parse_image_name(each.reference);
    CHECK(name.repository == each.repository);
    CHECK(name.tag == each.tag);
    CHECK(name.digest == each.digest);
  }
}

TEST_CASE("ids are told from names") {
  CHECK(is_image_id("sha256:ab"));
  CHECK(is_image_id("0123456789ab"));
  CHECK_FALSE(is_image_id("busybox"));
  CHECK_FALSE(is_image_id("cafe"));
}
