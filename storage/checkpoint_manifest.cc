#include "storage/checkpoint_manifest.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "events/json_text.h"
#include "storage/files.h"

namespace ketavigil::storage {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kFormat = 1;
constexpr const char* kManifestName = "checkpoint.json";

Error damaged(const fs::path& path, const std::string& what) {
  return {ErrorKind::verification, "the checkpoint " + path.string() + " is damaged: " + what};
}

std::string digest_of(const json& checkpoint) {
  return events::hexadecimal(events::sha256(checkpoint.dump()));
}

// A name that leads out of the checkpoint is not ours, and must not be followed.
bool stays_inside(const fs::path& name) {
  return !name.empty() && name.is_relative() &&
         std::none_of(name.begin(), name.end(), [](const fs::path& part) { return part == ".."; });
}

}  // namespace

Status write_checkpoint_manifest(const Checkpoint& checkpoint, const fs::path& folder) {
  json files = json::array();
  for (const CheckpointFile& file : checkpoint.files)
    files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  const json metadata = json::parse(checkpoint.metadata, nullptr, /*allow_exceptions=*/false);
  if (!metadata.is_object())
    return Status::failure(ErrorKind::storage, "the metadata of a checkpoint is no JSON object");
  const json body = {{"format", kFormat},
                     {"position", checkpoint.position},
                     {"made_us", checkpoint.made_us},
                     {"metadata", metadata},
                     {"files", files}};
  const json document = {{"checkpoint", body}, {"sha256", digest_of(body)}};
  return replace_file(folder / kManifestName, document.dump(1) + "\n");
}

Result<Checkpoint> read_checkpoint(const fs::path& path) {
  std::ifstream stream(path / kManifestName);
  if (!stream) return damaged(path, "it has no " + std::string(kManifestName));
  std::stringstream text;
  text << stream.rdbuf();
  Checkpoint checkpoint;
  checkpoint.path = path;
  try {
    const json document = json::parse(text.str());
    const json& body = document.at("checkpoint");
    if (document.at("sha256").get<std::string>() != digest_of(body))
      return damaged(path, std::string(kManifestName) + " has another digest than it says");
    if (body.at("format").get<int>() != kFormat) {
      return Error{ErrorKind::verification, "the checkpoint " + path.string() +
                                                " has another format than this program knows (1)"};
    }
    body.at("position").get_to(checkpoint.position);
    body.at("made_us").get_to(checkpoint.made_us);
    checkpoint.metadata = body.at("metadata").dump();
    for (const json& file : body.at("files")) {
      checkpoint.files.push_back({file.at("name").get<std::string>(),
                                  file.at("bytes").get<std::uint64_t>(),
                                  file.at("sha256").get<std::string>()});
      if (!stays_inside(checkpoint.files.back().name))
        return damaged(path, "it names the file " + checkpoint.files.back().name);
    }
  } catch (const json::exception& error) {
    return damaged(path, std::string(kManifestName) + ": " + error.what());
  }
  return checkpoint;
}

}  // namespace ketavigil::storage
