// The table of paths of events.
#include "compiler/catalog/path_params.h"

#include <algorithm>
#include <array>

namespace falcoc {
namespace {

constexpr auto kPathParams = std::to_array<PathParams>({
    {EventCode::OPEN, 1},
    {EventCode::OPENAT, 2},
    {EventCode::OPENAT2, 2},
    {EventCode::CREAT, 1},
    {EventCode::OPEN_BY_HANDLE_AT, 3},
    {EventCode::MKDIR, 1},
    {EventCode::MKDIRAT, 2},
    {EventCode::RMDIR, 1},
    {EventCode::UNLINK, 1},
    {EventCode::UNLINKAT, 2},
    {EventCode::CHMOD, 1},
    {EventCode::FCHMODAT, 2},
    {EventCode::CHOWN, 1},
    {EventCode::LCHOWN, 1},
    {EventCode::FCHOWNAT, 2},
    {EventCode::STAT, 1},
    {EventCode::LSTAT, 1},
    {EventCode::STAT64, 1},
    {EventCode::LSTAT64, 1},
    {EventCode::NEWFSTATAT, 2},
    {EventCode::ACCESS, 1},
    {EventCode::CHDIR, 1},
    {EventCode::CHROOT, 1},
    {EventCode::MKNOD, 1},
    {EventCode::MKNODAT, 2},
    {EventCode::UMOUNT, 1},
    {EventCode::UMOUNT2, 1},
    {EventCode::QUOTACTL, 1},
    {EventCode::RENAME, -1, 1, 2},
    {EventCode::RENAMEAT, -1, 2, 4},
    {EventCode::RENAMEAT2, -1, 2, 4},
    {EventCode::LINK, -1, 1, 2},
    {EventCode::LINKAT, -1, 2, 4},
    {EventCode::SYMLINK, -1, 2, 1},
    {EventCode::SYMLINKAT, -1, 3, 1},
    {EventCode::MOUNT, -1, 1, 2},
});

}  // namespace

PathParams path_params(EventCode event) {
  const auto found = std::ranges::find(kPathParams, event, &PathParams::event);
  return found == kPathParams.end() ? PathParams{.event = event} : *found;
}

}  // namespace falcoc
