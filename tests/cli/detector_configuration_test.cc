// Thresholds in the configuration: of the programme and of sites, as a number or with who answers
// for it; what is wrong is told with its place, and what is printed can be read again.
#include "cli/detector_configuration.h"

#include <gtest/gtest.h>

#include "cli/configuration.h"
#include "engine/shard/parameters_in_force.h"

namespace ketavigil::cli {
namespace {

using engine::ParameterOrigin;
using engine::ParameterStatement;

Result<Configuration> read(const std::string& text) {
  return parse_configuration(text, "file.yaml", {});
}

engine::ParameterInForce find(const engine::Settings& settings, const std::string& site,
                              const std::string& detector, const std::string& name) {
  for (const auto& one : engine::parameters_in_force(settings, site))
    if (one.info.detector == detector && one.info.name == name) return one;
  ADD_FAILURE() << detector << ' ' << name;
  return {};
}

const std::string full =
    "detectors:\n"
    "  BP-1: {systolic_mmhg: 145}\n"
    "  BP-2: {diastolic_mmhg: {value: 110, owner: \"Dr. B: \\\"x\\\"\", confirmed: true}}\n"
    "sites:\n"
    "  site-03:\n"
    "    detectors:\n"
    "      BP-1: {systolic_mmhg: {value: 150, owner: \"Dr. A. Example, site-03\", version: 2,\n"
    "                             citation: \"local protocol 12\", confirmed: true}}\n"
    "      BP-2: {systolic_mmhg: 180}\n"
    "  \"site: 4\":\n"
    "    detectors: {COG-8: {alpha: 0.01}}\n"
    "  site-05: {}\n";

TEST(DetectorConfiguration, a_sites_values_stand_over_the_programmes_and_these_over_the_defaults) {
  const auto configuration = read(full);
  ASSERT_TRUE(configuration.ok()) << configuration.error().message;
  const auto& settings = configuration.value().settings;
  EXPECT_EQ(settings.sites.size(), 2U);  // one says nothing
  const auto site = find(settings, "site-03", "BP-1", "systolic_mmhg");
  EXPECT_EQ(site.value, 150);
  EXPECT_EQ(site.origin, ParameterOrigin::site);
  EXPECT_EQ(site.statement,
            (ParameterStatement{"Dr. A. Example, site-03", 2, "local protocol 12", true}));
  const auto programme = find(settings, "site-04", "BP-1", "systolic_mmhg");
  EXPECT_EQ(programme.value, 145);
  EXPECT_EQ(programme.origin, ParameterOrigin::programme);
  EXPECT_EQ(find(settings, "site-03", "BP-1", "diastolic_mmhg").origin,
            ParameterOrigin::by_default);
}

TEST(DetectorConfiguration,
     a_plain_number_is_the_configurations_and_confirmed_only_if_the_default) {
  const auto configuration = read(full);
  ASSERT_TRUE(configuration.ok()) << configuration.error().message;
  const auto& settings = configuration.value().settings;
  const auto programme = find(settings, "", "BP-1", "systolic_mmhg").statement;
  EXPECT_EQ(programme, (ParameterStatement{"configuration", 1, "configuration", false}));
  const auto same = find(settings, "site-03", "BP-2", "systolic_mmhg");
  EXPECT_EQ(same.statement.owner, "configuration");
  EXPECT_EQ(same.statement.confirmed, same.info.confirmed);
  const auto stated = find(settings, "", "BP-2", "diastolic_mmhg");
  EXPECT_EQ(stated.origin, ParameterOrigin::programme);
  EXPECT_EQ(stated.statement, (ParameterStatement{"Dr. B: \"x\"", 1, "configuration", true}));
}

TEST(DetectorConfiguration, a_map_that_says_no_more_than_a_number_is_the_number) {
  for (const std::string where :
       {"detectors: {BP-1: {systolic_mmhg: ", "sites: {a: {detectors: {BP-1: {systolic_mmhg: "}) {
    const std::string end = where.starts_with("sites") ? "}}}}" : "}}";
    const auto number = read(where + "150" + end);
    const auto map = read(where + "{value: 150, version: 1, confirmed: false}" + end);
    ASSERT_TRUE(number.ok() && map.ok());
    EXPECT_EQ(engine::settings_text(number.value().settings),
              engine::settings_text(map.value().settings));
  }
}

TEST(DetectorConfiguration, what_is_printed_explains_each_value_and_can_be_read_again) {
  const auto configuration = read(full);
  ASSERT_TRUE(configuration.ok()) << configuration.error().message;
  const std::string printed = print_configuration(configuration.value());
  for (const char* words :
       {"systolic_mmhg: 145  # mm[Hg]; programme, of configuration, version 1; configuration; not "
        "confirmed; default 140 (",
        "{value: 150, owner: \"Dr. A. Example, site-03\", version: 2, citation: \"local protocol "
        "12\", confirmed: true}  # mm[Hg]; site, of Dr. A. Example, site-03, version 2; local "
        "protocol 12; the programme's 145; default 140 (",
        "; default, of Ketavigil, version "}) {
    EXPECT_NE(printed.find(words), std::string::npos) << words << "\n" << printed;
  }
  const auto again = parse_configuration(printed, "printed", {});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(engine::settings_text(again.value().settings),
            engine::settings_text(configuration.value().settings));
}

TEST(DetectorConfiguration, sites_and_statements_are_of_the_fold_identity_and_survive_the_log) {
  const auto configuration = read(full);
  ASSERT_TRUE(configuration.ok()) << configuration.error().message;
  const auto& settings = configuration.value().settings;
  const auto again = engine::settings_of_text(engine::settings_text(settings));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(engine::fold_identity(again.value()), engine::fold_identity(settings));
  engine::Settings without = settings;
  without.sites.clear();
  EXPECT_NE(engine::fold_identity(without), engine::fold_identity(settings));
  without = settings;
  without.statements.clear();
  EXPECT_NE(engine::fold_identity(without), engine::fold_identity(settings));
}

TEST(DetectorConfiguration, what_is_wrong_is_told_with_its_place_and_what_was_expected) {
  const auto in_site = [](const std::string& detectors) {
    return "sites:\n  s:\n    detectors: " + detectors;
  };
  const auto in_map = [](const std::string& map) {
    return "detectors:\n  BP-1:\n    systolic_mmhg: " + map;
  };
  struct Case {
    std::string text;
    std::vector<std::string> words;
  };
  const Case cases[] = {
      {in_site("{BP-99: {x: 1}}"), {"file.yaml:3", "`sites.s.detectors.BP-99`", "BP-9"}},
      {in_site("{BP-99: {}}"), {"`sites.s.detectors.BP-99`", "no detector", "BP-9"}},
      {in_site("{\"\\e[31m\\x85\": {}}"), {"`sites.s.detectors.\\x1b[31m\\xc2\\x85`"}},
      {"sites: {[a, b]: {}}", {"file.yaml:1", "`sites`", "a key that is no text in UTF-8"}},
      {"sites: {~: {}}", {"`sites`", "a key that is no text in UTF-8"}},
      {"detectors: {}\n---\nsites: {}\n", {"2 documents"}},
      {in_site("{BP-1: {sistolic_mmhg: 1}}"), {"`sites.s.detectors.BP-1.sis", "`systolic_mmhg`"}},
      {in_site("{BP-1: {systolic_mmhg: -1}}"),
       {"`sites.s.detectors.BP-1.systolic_mmhg`", "from 0"}},
      {in_site("{BP-1: {systolic_mmhg: high}}"), {"must be a number"}},
      {in_site("{BP-1: 3}"), {"`sites.s.detectors.BP-1`", "a map"}},
      {in_site("3"), {"`sites.s.detectors`", "a map"}},
      {"sites: [s]", {"`sites`", "a map"}},
      {"sites: {s: 3}", {"`sites.s`", "a map"}},
      {"sites: {s: {detector: {}}}", {"`sites.s.detectors`"}},
      {"sites: {'': {}}", {"1 to 128 bytes"}},
      {"sites: {s: {}, s: {}}", {"twice"}},
      {in_map("{owner: x}"), {"file.yaml:3", "`detectors.BP-1.systolic_mmhg`", "`value`"}},
      {in_map("{value: 150, ownr: x}"), {"`detectors.BP-1.systolic_mmhg.owner`"}},
      {in_map("{value: -150}"), {"`detectors.BP-1.systolic_mmhg.value`", "from 0"}},
      {in_map("{value: x}"), {"`detectors.BP-1.systolic_mmhg.value`", "must be a number"}},
      {in_map("{value: .nan}"), {"must be a number"}},
      {in_map("{value: 150, owner: ''}"), {"systolic_mmhg.owner`", "1 to 500 bytes"}},
      {in_map("{value: 150, citation: \"a\\nb\"}"), {"systolic_mmhg.citation`", "one line"}},
      {in_map("{value: 150, owner: \"a\\u0085b\"}"), {"systolic_mmhg.owner`", "one line"}},
      {in_map("{value: 150, owner: \"a\\Nb\"}"), {"systolic_mmhg.owner`", "UTF-8", "\\u0085"}},
      {"sites: {\"a\\_b\": {}}", {"`sites`", "UTF-8"}},
      {in_map("{value: 150, owner: \"a\\Lb\"}"), {"systolic_mmhg.owner`", "one line"}},
      {in_map("{value: 150, version: 0}"), {"systolic_mmhg.version`", "from 1 to"}},
      {in_map("{value: 150, version: 1.5}"), {"systolic_mmhg.version`", "whole number"}},
      {in_map("{value: 150, confirmed: 7}"), {"systolic_mmhg.confirmed`", "true or false"}},
      {in_map("[150]"), {"`detectors.BP-1.systolic_mmhg`", "a number, or a map"}},
  };
  for (const auto& one : cases) {
    const auto configuration = read(one.text);
    ASSERT_FALSE(configuration.ok()) << one.text;
    for (const auto& words : one.words)
      EXPECT_NE(configuration.error().message.find(words), std::string::npos)
          << one.text << "\n"
          << words << "\n"
          << configuration.error().message;
  }
}

TEST(DetectorConfiguration, a_number_outside_what_makes_sense_is_refused_with_its_range) {
  struct Case {
    std::string parameter;
    std::string words;
  };
  const Case cases[] = {
      {"COG-8: {alpha: 7}", "`detectors.COG-8.alpha` must be from 1e-9 to 0.5"},
      {"COG-8: {alpha: 0}", "must be from 1e-9 to 0.5"},
      {"BP-7: {late_share: 1.01}", "must be from 0 to 1"},
      {"URO-6: {ratio: 0}", "must be from 0.001 to 1000"},
      {"URO-6: {ratio_days: 1e9}", "must be from 0 to 36525"},
      {"BP-1: {of_sessions: 2.5}", "must be a whole number from 1 to 10000"},
      {"BP-9: {spo2_watch_percent: 101}", "must be from 0 to 100"},
      {"BP-6: {peak_to_min: -1e300}", "must be from -"},
  };
  for (const auto& one : cases) {
    const auto configuration = read("detectors: {" + one.parameter + "}");
    ASSERT_FALSE(configuration.ok()) << one.parameter;
    EXPECT_NE(configuration.error().message.find(one.words), std::string::npos)
        << configuration.error().message;
  }
  const auto zero = read("detectors: {BP-2: {systolic_mmhg: -0.0}}");
  ASSERT_TRUE(zero.ok()) << zero.error().message;
  EXPECT_EQ(engine::settings_text(zero.value().settings),
            engine::settings_text(read("detectors: {BP-2: {systolic_mmhg: 0}}").value().settings));
}

TEST(DetectorConfiguration,
     a_named_owner_or_source_does_not_inherit_that_the_default_is_confirmed) {
  const auto of = [](const std::string& map) {
    const auto configuration = read("detectors: {BP-2: {systolic_mmhg: {value: 180" + map + "}}}");
    EXPECT_TRUE(configuration.ok());
    return find(configuration.value().settings, "", "BP-2", "systolic_mmhg").statement.confirmed;
  };
  EXPECT_TRUE(of(""));
  EXPECT_FALSE(of(", owner: Dr. A. Example"));
  EXPECT_FALSE(of(", citation: protocol 12"));
  EXPECT_TRUE(of(", citation: protocol 12, confirmed: true"));
}

TEST(DetectorConfiguration, bytes_that_are_no_utf_8_are_told_with_their_line) {
  for (const char* text : {"detectors:\n  BP-1: {systolic_mmhg: {value: 150, owner: \"x\xffy\"}}",
                           "sites:\n  \"\xc3\": {}", "sources:\n  s: {site: \xed\xa0\x80}"}) {
    const auto configuration = read(text);
    ASSERT_FALSE(configuration.ok()) << text;
    EXPECT_EQ(configuration.error().kind, ErrorKind::configuration);
    EXPECT_EQ(configuration.error().message, "file.yaml:2: is no UTF-8");
  }
}

TEST(DetectorConfiguration, there_are_as_many_sites_as_the_bound_says_and_no_more) {
  std::string text = "sites:\n";
  for (std::size_t i = 0; i < engine::sites_max; ++i)
    text += "  s" + std::to_string(i) + ": {detectors: {BP-1: {systolic_mmhg: 150}}}\n";
  const auto most = read(text);
  ASSERT_TRUE(most.ok()) << most.error().message;
  EXPECT_TRUE(engine::settings_of_text(engine::settings_text(most.value().settings)).ok());
  const auto more = read(text + "  more: {}\n");
  ASSERT_FALSE(more.ok());
  EXPECT_NE(more.error().message.find("4096"), std::string::npos) << more.error().message;
}

}  // namespace
}  // namespace ketavigil::cli
