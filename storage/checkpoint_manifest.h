// `checkpoint.json`: what a checkpoint must hold. Internal.
#pragma once

#include <filesystem>

#include "events/result.h"
#include "storage/checkpoint.h"

namespace ketavigil::storage {

/// Writes the manifest of `checkpoint` into `folder`, on the disk when this returns.
[[nodiscard]] Status write_checkpoint_manifest(const Checkpoint& checkpoint,
                                               const std::filesystem::path& folder);

}  // namespace ketavigil::storage
