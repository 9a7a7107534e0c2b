#include "cli/configuration.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/listener_configuration.h"

namespace ketavigil::cli {
namespace {

std::string error_of(const std::string& text, const Environment& environment = {}) {
  const auto configuration = parse_configuration(text, "file.yaml", environment);
  return configuration.ok() ? "" : configuration.error().message;
}

TEST(Configuration, an_empty_one_is_all_defaults) {
  const auto configuration = parse_configuration("", "file.yaml", {});
  ASSERT_TRUE(configuration.ok());
  EXPECT_EQ(engine::fold_identity(configuration.value().settings), engine::fold_identity({}));
}

TEST(Configuration, the_example_is_valid_and_changes_no_threshold) {
  const auto configuration = parse_configuration(example_configuration(), "example", {});
  ASSERT_TRUE(configuration.ok()) << configuration.error().message;
  EXPECT_EQ(detectors::parameters_json(configuration.value().settings.parameters, "BP-2"),
            detectors::parameters_json({}, "BP-2"));
  EXPECT_EQ(engine::fold_identity(configuration.value().settings), engine::fold_identity({}));
}

TEST(Configuration, an_unknown_key_names_line_and_the_nearest_known_one) {
  const std::string error = error_of("storage:\n  pth: /data\n");
  EXPECT_NE(error.find("file.yaml:2"), std::string::npos) << error;
  EXPECT_NE(error.find("`storage.path`"), std::string::npos) << error;
  EXPECT_NE(error_of("detectors: {BP-2: {sistolic_mmhg: 1}}").find("systolic_mmhg"),
            std::string::npos);
  EXPECT_NE(error_of("detectors: {BP-99: {x: 1}}"), "");
}

TEST(Configuration, wrong_values_say_what_was_expected) {
  EXPECT_NE(error_of("storage: {shards: 0}").find("1 to 256"), std::string::npos);
  EXPECT_NE(error_of("sources: {a: {zone: Europe/Atlantis}}").find("IANA"), std::string::npos);
  EXPECT_NE(error_of("engine: [1]"), "");
  EXPECT_NE(error_of("a: b: c"), "");
  EXPECT_NE(error_of("- 1"), "");
}

TEST(Configuration, nothing_that_was_written_is_ignored) {
  for (const char* text : {"detectors:\n  BP-2: 170", "detectors: []", "sources: [clinic-01]",
                           "words: {instruments: [x]}", "storage: {path: a}\nstorage: {path: b}",
                           "detectors: {BP-2: {systolic_mmhg: 170, systolic_mmhg: 190}}",
                           "detectors: {BP-2: {systolic_mmhg: -5}}"}) {
    EXPECT_NE(error_of(text), "") << text;
  }
}

TEST(Configuration, who_is_paged_is_read_checked_and_shows_in_no_result) {
  const auto secret =
      std::filesystem::temp_directory_path() / ("ketavigil-secret-" + std::to_string(::getpid()));
  std::ofstream(secret) << "sixteen bytes and more\n";
  const std::string hook =
      "{name: on-call, url: https://example.org/x, secret_file: " + secret.string() + "}";
  const auto configuration = parse_configuration(
      "page:\n  alertmanagers: [http://127.0.0.1:9093]\n  age_hours_max: 24\n  webhooks: [" + hook +
          "]\n",
      "file.yaml", {});
  ASSERT_TRUE(configuration.ok()) << configuration.error().message;
  const auto& page = configuration.value().page;
  EXPECT_EQ(page.alertmanagers, std::vector<std::string>({"http://127.0.0.1:9093"}));
  EXPECT_EQ(page.rules.age_max, 24 * 3600 * events::second_us);
  ASSERT_EQ(page.webhooks.size(), 1U);
  EXPECT_EQ(page.webhooks[0].secret, "sixteen bytes and more");
  EXPECT_EQ(print_configuration(configuration.value()).find("sixteen"), std::string::npos);
  EXPECT_EQ(engine::fold_identity(configuration.value().settings), engine::fold_identity({}));
  EXPECT_NE(error_of("page: {webhooks: [" + hook + ", " + hook + "]}").find("another webhook"),
            std::string::npos);
  std::ofstream(secret) << "short\n";
  EXPECT_NE(error_of("page: {webhooks: [" + hook + "]}").find("16 bytes"), std::string::npos);
  std::filesystem::remove(secret);
  EXPECT_NE(error_of("page: {webhooks: [" + hook + "]}").find("cannot be read"), std::string::npos);
  EXPECT_NE(error_of("page: {alertmanagers: [127.0.0.1:9093]}").find("http://"), std::string::npos);
  EXPECT_NE(error_of("page: {alertmanagers: ['http://a:b@c']}").find("password"),
            std::string::npos);
  EXPECT_NE(error_of("page: {resend_seconds: 4}").find("5 to 3600"), std::string::npos);
  EXPECT_NE(error_of("page: {webhooks: [{name: a b, url: http://x, secret_file: x}]}"), "");
}

TEST(Configuration, the_environment_stands_over_the_file) {
  const auto configuration =
      parse_configuration("storage: {path: /a}", "file.yaml",
                          {{"KETAVIGIL_STORAGE__PATH", "/b"}, {"KETAVIGIL_ENGINE__WORKERS", "3"}});
  ASSERT_TRUE(configuration.ok()) << configuration.error().message;
  EXPECT_EQ(configuration.value().storage_path, "/b");
  EXPECT_EQ(configuration.value().workers, 3);
  EXPECT_NE(error_of("", {{"KETAVIGIL_STORAGE__PTH", "/b"}}), "");
}

TEST(Configuration, a_threshold_changes_the_fold_identity_and_survives_the_log) {
  const auto configuration = parse_configuration(
      "detectors: {BP-2: {systolic_mmhg: 170}}\nsources: {a: {zone: Europe/Berlin, rank: 3, site: "
      "n}}",
      "file.yaml", {});
  ASSERT_TRUE(configuration.ok());
  const auto& settings = configuration.value().settings;
  EXPECT_NE(engine::fold_identity(settings), engine::fold_identity({}));
  const auto again = engine::settings_of_text(engine::settings_text(settings));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(engine::fold_identity(again.value()), engine::fold_identity(settings));
}

TEST(Configuration, checkpoints_need_a_directory_and_have_bounds) {
  const std::string kafka = "kafka:\n  brokers: b:9092\n  checkpoints: ";
  EXPECT_NE(error_of(kafka + "{every_minutes: 5}").find("directory"), std::string::npos);
  EXPECT_NE(error_of(kafka + "{directory: /c, keep: 0}").find("1 to 100"), std::string::npos);
  EXPECT_NE(error_of(kafka + "{directory: /c, every_minutes: 0}").find("1 to 10080"),
            std::string::npos);
  EXPECT_NE(error_of(kafka + "{directory: /c, every_hours: 1}").find("every_minutes"),
            std::string::npos);
  const auto read = parse_configuration(kafka + "{directory: /c}", "file.yaml", {});
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_TRUE(read.value().kafka->checkpoints);
  EXPECT_EQ(read.value().kafka->checkpoints->every_minutes, 60);
  EXPECT_EQ(read.value().kafka->checkpoints->keep, 2);
  const auto again = parse_configuration(print_configuration(read.value()), "printed", {});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again.value().kafka->checkpoints->directory, "/c");
}

TEST(Configuration, listener_that_others_reach_needs_tokens_and_tls) {
  ListenerSettings listener{"10.1.2.3", 8411, 64};
  const auto trouble = [&listener] {
    const Status status = check_listener("operations", listener);
    return status.ok() ? "" : status.error().message;
  };
  EXPECT_NE(trouble().find("`operations.tokens_file` and `operations.tls`"), std::string::npos);
  listener.tokens_file = "tokens";
  EXPECT_EQ(trouble().find("tokens_file"), std::string::npos);
  EXPECT_NE(trouble().find("`operations.tls`"), std::string::npos);
  listener.certificate = "certificate.pem";
  EXPECT_EQ(trouble(), "");
  listener.tokens_file = "";
  EXPECT_NE(trouble().find("`operations.tokens_file`"), std::string::npos);
  for (const char* own : {"127.0.0.1", "::1", "localhost"}) {
    EXPECT_TRUE(check_listener("operations", {own, 8411, 64}).ok()) << own;
  }
  for (const char* other : {"0.0.0.0", "::", "example.org", ""}) {
    EXPECT_FALSE(check_listener("intake", {other, 8411, 64}).ok()) << other;
  }
}

TEST(Configuration, who_may_ask_a_listener_is_read_checked_and_printed) {
  const auto read = parse_configuration(
      "operations: {tokens_file: /t, hosts: [a.example, b], tls: {certificate: /c, key: /k}}",
      "file.yaml", {});
  ASSERT_TRUE(read.ok()) << read.error().message;
  for (const auto& configuration :
       {read, parse_configuration(print_configuration(read.value()), "printed", {})}) {
    ASSERT_TRUE(configuration.ok()) << configuration.error().message;
    const ListenerSettings& listener = configuration.value().operations;
    EXPECT_EQ(listener.tokens_file, "/t");
    EXPECT_EQ(listener.hosts, (std::vector<std::string>{"a.example", "b"}));
    EXPECT_EQ(listener.certificate, "/c");
    EXPECT_EQ(listener.key, "/k");
    EXPECT_EQ(server_options(listener).tls->key_file, "/k");
  }
  EXPECT_NE(error_of("operations: {tls: {certificate: /c}}").find("both"), std::string::npos);
  EXPECT_NE(error_of("operations: {tls: {certificat: /c}}").find("certificate"), std::string::npos);
  EXPECT_NE(error_of("operations: {hosts: a}").find("list"), std::string::npos);
  EXPECT_NE(error_of("operations: {hosts: ['https://a']}").find("scheme"), std::string::npos);
  EXPECT_NE(error_of("intake: {hosts: [a]}"), "");
}

TEST(Configuration, a_reference_table_is_read_printed_and_told_where_it_is_wrong) {
  const std::string file =
      (std::filesystem::path(testing::TempDir()) / "ketavigil-priors.json").string();
  const auto with_table = [&](const std::string& text) {
    std::ofstream(file) << text;
    return parse_configuration("reference_tables: {drift_priors: " + file + "}", "file.yaml", {});
  };
  const auto configuration = with_table(
      R"({"table":"drift-priors","version":"7","citation":"x","rows":[{"stream":"moca","mean":26,"sd":2,"practice":0}]})");
  ASSERT_TRUE(configuration.ok()) << configuration.error().message;
  EXPECT_NE(engine::fold_identity(configuration.value().settings), engine::fold_identity({}));
  const std::string printed = print_configuration(configuration.value());
  EXPECT_NE(printed.find("version 7"), std::string::npos) << printed;
  const auto again = parse_configuration(printed, "printed", {});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(engine::fold_identity(again.value().settings),
            engine::fold_identity(configuration.value().settings));

  const auto wrong = with_table(R"({"table":"drift-priors","version":"7","citation":"x"})");
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("file.yaml:1: `reference_tables.drift_priors`"),
            std::string::npos)
      << wrong.error().message;
  std::filesystem::remove(file);
  EXPECT_FALSE(parse_configuration("reference_tables: {drift_priors: " + file + "}", "f", {}).ok());
}

TEST(Configuration, what_is_printed_can_be_read_again) {
  const auto configuration =
      parse_configuration("detectors: {BP-2: {systolic_mmhg: 170}}", "file.yaml", {});
  ASSERT_TRUE(configuration.ok());
  const auto again = parse_configuration(print_configuration(configuration.value()), "printed", {});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(engine::fold_identity(again.value().settings),
            engine::fold_identity(configuration.value().settings));
}

}  // namespace
}  // namespace ketavigil::cli
