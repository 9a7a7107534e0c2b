#include "ingest/files/source.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "events/decode.h"
#include "ingest/files/pipeline.h"

namespace ketavigil::ingest {
namespace {

namespace fs = std::filesystem;

class Sources : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "ketavigil-source-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  // All lines of a file with their numbers, and how many were documents.
  std::vector<std::pair<std::int64_t, std::string>> lines(const std::string& file) {
    std::vector<std::pair<std::int64_t, std::string>> out;
    documents_ = 0;
    status_ = read_blocks(
        file,
        [&](Block block) -> Status {
          documents_ += block.is_document ? 1 : 0;
          for (std::size_t i = 0; i < block.lines.size(); ++i)
            out.emplace_back(block.line_numbers[i], block.lines[i]);
          return {};
        },
        [](std::int64_t) {});
    return out;
  }
  using Lines = std::vector<std::pair<std::int64_t, std::string>>;
  fs::path folder_;
  int documents_ = 0;
  Status status_;
};

TEST_F(Sources, lines_keep_their_numbers_and_blank_ones_are_left_out) {
  EXPECT_EQ(lines(write("a.ndjson", "{\"a\":1}\r\n\n  \n{\"b\":2}")),
            (Lines{{1, "{\"a\":1}"}, {4, "{\"b\":2}"}}));
}

TEST_F(Sources, a_byte_order_mark_at_the_start_is_skipped) {
  EXPECT_EQ(lines(write("a.ndjson", "\xEF\xBB\xBF{}\n")), (Lines{{1, "{}"}}));
}

TEST_F(Sources, an_empty_file_has_nothing) { EXPECT_TRUE(lines(write("a.ndjson", "")).empty()); }

TEST_F(Sources, one_document_over_many_lines_is_one) {
  const std::string text = "{\n  \"resourceType\": \"Bundle\"\n}\n";
  EXPECT_EQ(lines(write("a.json", text)), (Lines{{0, text}}));
  EXPECT_EQ(documents_, 1);
}

TEST_F(Sources, objects_a_line_are_lines_whatever_the_file_is_called) {
  EXPECT_EQ(lines(write("a.json", "{\"a\":{\"b\":\"}\"}}\n{\"c\":1}\n")).size(), 2U);
  EXPECT_EQ(documents_, 0);
}

TEST_F(Sources, a_line_over_1_mib_is_cut_where_it_is_refused_and_the_next_is_whole) {
  const std::string text = "{\"a\":1}\n\"" + std::string(10'000'000, 'x') + "\"\n{\"b\":2}\n";
  const auto all = lines(write("a.ndjson", text));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].first, 2);
  EXPECT_EQ(all[1].second.size(), events::event_bytes_max + 1);
  EXPECT_EQ(all[2], (std::pair<std::int64_t, std::string>{3, "{\"b\":2}"}));
}

TEST_F(Sources, gzip_is_read_by_its_first_bytes_and_a_cut_one_is_told) {
  const std::string path = (folder_ / "a.ndjson.gz").string();
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "{\"a\":" + std::to_string(i * 7919) + "}\n";
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  EXPECT_EQ(lines(path).size(), 20'000U);
  EXPECT_TRUE(status_.ok());
  fs::resize_file(path, fs::file_size(path) / 2);
  static_cast<void>(lines(path));
  ASSERT_FALSE(status_.ok());
  EXPECT_NE(status_.error().message.find(path), std::string::npos);
}

TEST_F(Sources, folders_give_their_json_in_order_and_what_is_not_there_is_an_error) {
  write("f/b.json", "{}");
  write("f/a.ndjson", "{}");
  write("f/sub/c.jsonl.gz", "");
  write("f/notes.txt", "x");
  const auto files = files_to_read({(folder_ / "f").string()});
  ASSERT_TRUE(files.ok());
  ASSERT_EQ(files.value().size(), 3U);
  EXPECT_TRUE(files.value()[0].ends_with("a.ndjson"));
  EXPECT_FALSE(files_to_read({(folder_ / "absent").string()}).ok());
  EXPECT_FALSE(files_to_read({write("x.csv", "a,b")}).ok());
}

TEST_F(Sources, parts_come_in_order_whatever_the_number_of_decoders) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) {
    text += R"({"source":"s","id":")" + std::to_string(i) +
            R"(","patient":"p","kind":"culture","effective":"2024-03-04","result":"positive"})"
            "\n";
  }
  const std::string path = write("a.ndjson", text);
  const events::DecodeSettings settings;
  const EntrySettings entries;
  Pipeline pipeline(settings, entries, 3);
  int expected = 0;
  const Status status = pipeline.run(
      {path}, [](std::int64_t) {},
      [&](DecodedPart part) -> Status {
        for (const auto& entry : part.block.entries)
          EXPECT_EQ(std::get<events::Fact>(entry.decoded).id, std::to_string(expected++));
        return {};
      });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(expected, 60'000);
}

TEST_F(Sources, an_error_of_the_taker_ends_the_run) {
  const std::string path = write(
      "a.ndjson", std::string(3'000'000, '\n') + "{}\n" + std::string(3'000'000, '\n') + "{}\n");
  const events::DecodeSettings settings;
  const EntrySettings entries;
  Pipeline pipeline(settings, entries, 2);
  const Status status = pipeline.run(
      {path}, [](std::int64_t) {},
      [](DecodedPart) { return Status::failure(ErrorKind::storage, "full"); });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "full");
}

}  // namespace
}  // namespace ketavigil::ingest
