// The published numbers of tests/data/statistics.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace ketavigil::detectors::statistics {

inline nlohmann::json published(const std::string& name) {
  const std::string path = std::string(KETAVIGIL_SOURCE_DIR) + "/tests/data/statistics/" + name;
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  return nlohmann::json::parse(file);
}

}  // namespace ketavigil::detectors::statistics
