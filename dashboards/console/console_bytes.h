// The files of `dist/` as the build put them into the program.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace ketavigil::dashboards::console {

struct EmbeddedFile {
  std::string_view name;  ///< as in `dist/`
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
};

[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

}  // namespace ketavigil::dashboards::console
