// The file of tokens: what it holds, and how it is changed.
#include "dashboards/access/token_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "dashboards/access/exchange.h"

namespace ketavigil {
namespace {

namespace access = dashboards::access;
using access::Token;

constexpr events::Microseconds now = 1'790'000'000 * events::second_us;
constexpr std::string_view hash_a =
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

class TokenFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "ketavigil-tokens-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    file_ = folder_ / "tokens";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<std::string> create(const std::string& name) {
    std::string token;
    const Status status =
        access::change_token_file(file_, [&](std::vector<Token>* tokens) -> Status {
          KETAVIGIL_TRY_ASSIGN(
              token, access::add_token(tokens, name, now, std::nullopt, &access::fill_from_system));
          return {};
        });
    if (!status.ok()) return status.error();
    return token;
  }
  [[nodiscard]] std::string text() const {
    std::stringstream out;
    out << std::ifstream(file_).rdbuf();
    return out.str();
  }
  [[nodiscard]] unsigned mode() const {
    struct stat about {};
    ::stat(file_.c_str(), &about);
    return about.st_mode & 07777;
  }

  std::filesystem::path folder_;
  std::filesystem::path file_;
};

TEST_F(TokenFile, holds_no_token_and_is_for_its_owner_alone) {
  std::set<std::string> tokens;
  for (int i = 0; i < 20; ++i) {
    const auto token = create("name-" + std::to_string(i));
    ASSERT_TRUE(token.ok()) << token.error().message;
    EXPECT_TRUE(token.value().starts_with("kv_"));
    EXPECT_EQ(token.value().size(), 3U + 43U);
    EXPECT_EQ(text().find(token.value().substr(3)), std::string::npos);
    tokens.insert(token.value());
  }
  EXPECT_EQ(tokens.size(), 20U);
  EXPECT_EQ(mode(), 0600U);
  EXPECT_FALSE(std::filesystem::exists(file_.string() + ".new"));
}

TEST_F(TokenFile, a_link_to_it_stays_a_link_and_what_it_leads_to_is_changed) {
  ASSERT_TRUE(create("bob").ok());
  const auto link = folder_ / "link";
  std::filesystem::create_symlink(file_, link);
  ASSERT_TRUE(access::change_token_file(link, [](std::vector<Token>* tokens) -> Status {
                tokens->front().revoked = now;
                return {};
              }).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  const auto tokens = access::read_token_file(file_);
  ASSERT_TRUE(tokens.ok());
  EXPECT_TRUE(tokens.value().front().revoked.has_value());
}

TEST_F(TokenFile, reads_back_what_it_was_given) {
  const std::vector<Token> tokens = {
      {"anna", std::string(hash_a), now, std::nullopt, std::nullopt},
      {"b.c_d-1", std::string(64, '0'), now, now + 1, now + 2},
  };
  const auto read = access::parse_tokens(access::print_tokens(tokens));
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read.value().size(), 2U);
  EXPECT_EQ(access::print_tokens(read.value()), access::print_tokens(tokens));
  EXPECT_EQ(read.value()[1].revoked, now + 2);
}

TEST_F(TokenFile, what_is_wrong_is_named_with_its_line) {
  const std::string good =
      access::print_tokens({{"anna", std::string(hash_a), now, std::nullopt, std::nullopt}});
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string line = good;
    line.replace(line.find(from), from.size(), to);
    return line;
  };
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"nonsense", "JSON object"},
      {"[]", "JSON object"},
      {changed("anna", ""), "name"},
      {changed("anna", "a b"), "name"},
      {changed("anna", std::string(65, 'a')), "name"},
      {changed("aaaa", "AAAA"), "hash"},
      {changed("aaaa", "aaa"), "hash"},
      {changed("\"expires\":null", "\"expires\":\"tomorrow\""), "expires"},
      {changed("\"expires\":null", "\"expires\":\"2026-01-01\""), "expires"},
      {changed("\"revoked\":null", "\"revoked\":false"), "revoked"},
      {changed(",\"revoked\":null", ""), "revoked"},
      {changed("\"created\"", "\"made\""), "created"},
      {good, "no other"},
  };
  for (const auto& [line, expected] : wrong) {
    const auto read = access::parse_tokens(good + "\n" + line);
    ASSERT_FALSE(read.ok()) << line;
    EXPECT_EQ(read.error().kind, ErrorKind::configuration);
    EXPECT_NE(read.error().message.find("line 3"), std::string::npos) << read.error().message;
    EXPECT_NE(read.error().message.find(expected), std::string::npos) << read.error().message;
  }
}

TEST_F(TokenFile, name_is_used_once_while_its_token_holds) {
  const auto first = create("anna");
  ASSERT_TRUE(first.ok());
  const auto second = create("anna");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::usage);
  const auto revoke = [](std::vector<Token>* tokens) {
    return access::revoke_token(tokens, "anna", now);
  };
  EXPECT_TRUE(access::change_token_file(file_, revoke).ok());
  EXPECT_FALSE(access::change_token_file(file_, revoke).ok());
  const auto third = create("anna");
  ASSERT_TRUE(third.ok());
  EXPECT_NE(third.value(), first.value());
  const auto tokens = access::read_token_file(file_);
  ASSERT_TRUE(tokens.ok());
  ASSERT_EQ(tokens.value().size(), 1U);
  EXPECT_EQ(tokens.value()[0].hash, access::hash_of(third.value()));
}

TEST_F(TokenFile, wrong_names_are_refused_and_nothing_is_written) {
  for (const std::string name : {"", "a b", "a/b", "ä", "a\nb", "\"", "a:"}) {
    EXPECT_FALSE(create(name).ok()) << name;
  }
  EXPECT_FALSE(create(std::string(65, 'a')).ok());
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(TokenFile, tokens_are_bounded) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < access::tokens_max; ++i) {
    tokens.push_back({"t" + std::to_string(i), std::string(hash_a), now, std::nullopt,
                      i == 0 ? std::optional(now) : std::nullopt});
  }
  const auto add = [&](const std::string& name) {
    return access::add_token(&tokens, name, now, std::nullopt, &access::fill_from_system).ok();
  };
  EXPECT_FALSE(add("another"));
  EXPECT_TRUE(add("t0"));  // in place of the one that is revoked
  EXPECT_TRUE(access::parse_tokens(access::print_tokens(tokens)).ok());
  tokens.push_back({"too-many", std::string(hash_a), now, std::nullopt, std::nullopt});
  EXPECT_FALSE(access::parse_tokens(access::print_tokens(tokens)).ok());
}

TEST_F(TokenFile, commands_at_the_same_time_lose_no_token) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      for (int j = 0; j < 5; ++j)
        EXPECT_TRUE(create("t" + std::to_string(i) + "-" + std::to_string(j)).ok());
    });
  }
  for (auto& thread : threads) thread.join();
  const auto tokens = access::read_token_file(file_);
  ASSERT_TRUE(tokens.ok());
  EXPECT_EQ(tokens.value().size(), 40U);
}

TEST_F(TokenFile, what_its_group_may_read_stays_and_everybody_may_not) {
  ASSERT_TRUE(create("a").ok());
  ::chmod(file_.c_str(), 0644);
  ASSERT_TRUE(create("b").ok());
  EXPECT_EQ(mode(), 0640U);
  ::chmod(file_.c_str(), 0666);
  const auto read = access::read_token_file(file_);
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("chmod 600"), std::string::npos);
  EXPECT_FALSE(create("c").ok());
}

TEST_F(TokenFile, absent_file_is_an_error_that_says_how_to_make_one) {
  const auto read = access::read_token_file(file_);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::configuration);
  EXPECT_NE(read.error().message.find("ketavigil token create"), std::string::npos);
}

TEST(Secrets, are_compared_whole) {
  EXPECT_TRUE(access::are_equal("abc", "abc"));
  EXPECT_FALSE(access::are_equal("abc", "abd"));
  EXPECT_FALSE(access::are_equal("abc", "ab"));
  EXPECT_FALSE(access::are_equal("", "a"));
  EXPECT_TRUE(access::are_equal("", ""));
}

TEST(Secrets, are_of_the_random_bytes_they_are_given) {
  const auto ones = [](unsigned char* bytes, std::size_t size) {
    std::fill(bytes, bytes + size, static_cast<unsigned char>(0xff));
    return true;
  };
  EXPECT_EQ(access::new_secret(ones).value(), std::string(42, '_') + "8");
  EXPECT_FALSE(access::new_secret([](unsigned char*, std::size_t) { return false; }).ok());
}

TEST(OwnPaths, are_paths_of_this_site) {
  EXPECT_EQ(access::own_path("/cases?level=alert"), "/cases?level=alert");
  for (const std::string_view other :
       {"", "x", "//x", "/\\x", "https://x", "/a b", "/a\r\nb", "/a\tb", "/\x7f", "/\xc3\xa4"}) {
    EXPECT_EQ(access::own_path(other), "/") << other;
  }
  EXPECT_EQ(access::own_path("/" + std::string(3'000, 'a')), "/");
}

}  // namespace
}  // namespace ketavigil
