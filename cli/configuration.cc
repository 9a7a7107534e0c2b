#include "cli/configuration.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <functional>
#include <sstream>
#include <vector>

#include "cli/configuration_section.h"
#include "cli/detector_configuration.h"
#include "cli/listener_configuration.h"
#include "cli/page_configuration.h"
#include "events/characters.h"
#include "events/json_text.h"

namespace ketavigil::cli {
namespace {

constexpr std::string_view environment_prefix = "KETAVIGIL_";

Status read_sources(const Section& section, events::DecodeSettings* decode) {
  KETAVIGIL_TRY(section.check_map());
  for (const auto& [name, source] : section.entries()) {
    KETAVIGIL_TRY(source.check_keys({"zone", "rank", "site"}));
    events::SourceSettings settings;
    if (source.has("zone")) {
      KETAVIGIL_TRY(source.at("zone").read(&settings.zone_name));
      const auto zone = events::Zone::named(settings.zone_name);
      if (!zone)
        return source.at("zone").error("must be an IANA time zone, for example Europe/Berlin");
      settings.zone = *zone;
    }
    if (source.has("rank"))
      KETAVIGIL_TRY(source.at("rank").read_integer(&settings.rank, 0, 1'000'000));
    if (source.has("site")) KETAVIGIL_TRY(source.at("site").read(&settings.site));
    decode->sources[name] = settings;
  }
  return {};
}

Status read_instruments(const Section& section, events::DecodeSettings* decode) {
  KETAVIGIL_TRY(section.check_map());
  for (const auto& [name, instrument] : section.entries()) {
    KETAVIGIL_TRY(instrument.check_keys({"least", "greatest"}));
    events::ConfiguredInstrument added{name, 0, 0};
    if (!instrument.has("least") || !instrument.has("greatest"))
      return instrument.error("needs `least` and `greatest`");
    KETAVIGIL_TRY(instrument.at("least").read(&added.least));
    KETAVIGIL_TRY(instrument.at("greatest").read(&added.greatest));
    if (added.least >= added.greatest)
      return instrument.error("must have `least` below `greatest`");
    decode->instruments.push_back(std::move(added));
  }
  return {};
}

// The file is read now, and its content is part of the settings from then on.
Status read_tables(const Section& section, Configuration* out) {
  KETAVIGIL_TRY(section.check_keys({"drift_priors"}));
  if (!section.has("drift_priors")) return {};
  const Section at = section.at("drift_priors");
  std::string path;
  KETAVIGIL_TRY(at.read(&path));
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!(text << file.rdbuf())) return at.error("cannot be read: " + path);
  const Status adopted =
      engine::adopt_table(text.str(), &out->settings.tables, &out->settings.parameters);
  if (!adopted.ok()) return at.error("is wrong: " + path + ": " + adopted.error().message);
  out->drift_priors_file = path;
  return {};
}

Status read_words(const Section& section, events::DecodeSettings* decode) {
  KETAVIGIL_TRY(
      section.check_keys({"compounds", "covariates", "medication_classes", "instruments"}));
  if (section.has("compounds")) KETAVIGIL_TRY(section.at("compounds").read(&decode->compounds));
  if (section.has("covariates")) KETAVIGIL_TRY(section.at("covariates").read(&decode->covariates));
  if (section.has("medication_classes"))
    KETAVIGIL_TRY(section.at("medication_classes").read(&decode->medication_classes));
  if (section.has("instruments"))
    KETAVIGIL_TRY(read_instruments(section.at("instruments"), decode));
  return {};
}

Status read_storage(const Section& section, Configuration* out) {
  KETAVIGIL_TRY(section.check_keys({"path", "shards", "free_space_guard_bytes"}));
  std::string path;
  if (section.has("path")) KETAVIGIL_TRY(section.at("path").read(&path));
  if (!path.empty()) out->storage_path = path;
  int shards = 0;
  if (section.has("shards")) {
    KETAVIGIL_TRY(section.at("shards").read_integer(&shards, 1, 256));
    out->shards = shards;
  }
  if (section.has("free_space_guard_bytes")) {
    KETAVIGIL_TRY(section.at("free_space_guard_bytes")
                      .read_integer(&out->free_space_guard_bytes, 0, std::int64_t{1} << 50));
  }
  return {};
}

Status read_engine(const Section& section, Configuration* out) {
  KETAVIGIL_TRY(section.check_keys({"workers", "batch_entries", "cache_bytes", "tick_seconds"}));
  if (section.has("workers"))
    KETAVIGIL_TRY(section.at("workers").read_integer(&out->workers, 1, 64));
  if (section.has("batch_entries")) {
    KETAVIGIL_TRY(section.at("batch_entries").read_integer(&out->batch_entries, 1, 100'000));
  }
  if (section.has("cache_bytes")) {
    KETAVIGIL_TRY(
        section.at("cache_bytes").read_integer(&out->cache_bytes, 0, std::int64_t{1} << 40));
  }
  if (section.has("tick_seconds"))
    KETAVIGIL_TRY(section.at("tick_seconds").read_integer(&out->tick_seconds, 1, 86'400));
  return {};
}

Status read_intake(const Section& section, Configuration* out) {
  KETAVIGIL_TRY(read_listener(section, {"body_bytes_max", "source_default"}, &out->intake));
  if (section.has("body_bytes_max")) {
    KETAVIGIL_TRY(section.at("body_bytes_max")
                      .read_integer(&out->body_bytes_max, 1024, std::int64_t{1} << 30));
  }
  if (section.has("source_default"))
    KETAVIGIL_TRY(section.at("source_default").read(&out->source_default));
  return {};
}

Status read_placement(const Section& section, KafkaSettings* kafka) {
  std::string placement = "fixed";
  if (section.has("placement")) KETAVIGIL_TRY(section.at("placement").read(&placement));
  if (placement == "fixed") {
    for (const char* key : {"member", "session_timeout_seconds"}) {
      if (section.has(key))
        return section.at(key).error("belongs to `placement: group`, and placement is fixed");
    }
    return {};
  }
  if (placement != "group")
    return section.at("placement").error("expected fixed or group, not `" + placement + "`");
  for (const char* key : {"worker", "workers"}) {
    if (section.has(key))
      return section.at(key).error("belongs to `placement: fixed`, and placement is group");
  }
  ingest::kafka::Membership& membership = kafka->membership.emplace();
  if (section.has("member")) KETAVIGIL_TRY(section.at("member").read(&membership.member));
  if (membership.member.empty())
    return section.error("needs `member`: the name of this worker in the group, of nobody else");
  std::int64_t seconds = 10;
  if (section.has("session_timeout_seconds"))
    KETAVIGIL_TRY(section.at("session_timeout_seconds").read_integer(&seconds, 6, 1800));
  membership.session_timeout = std::chrono::seconds(seconds);
  return {};
}

Status read_checkpoints(const Section& section, engine::CheckpointSettings* checkpoints) {
  KETAVIGIL_TRY(section.check_keys({"directory", "every_minutes", "keep"}));
  std::string directory;
  if (section.has("directory")) KETAVIGIL_TRY(section.at("directory").read(&directory));
  if (directory.empty())
    return section.error(
        "needs `directory`: on another disk than the data, the same for all workers");
  checkpoints->directory = directory;
  if (section.has("every_minutes")) {
    KETAVIGIL_TRY(section.at("every_minutes").read_integer(&checkpoints->every_minutes, 1, 10'080));
  }
  if (section.has("keep"))
    KETAVIGIL_TRY(section.at("keep").read_integer(&checkpoints->keep, 1, 100));
  return {};
}

Status read_kafka(const Section& section, KafkaSettings* kafka) {
  KETAVIGIL_TRY(
      section.check_keys({"brokers", "security", "ca_file", "sasl_mechanism", "sasl_username",
                          "sasl_password_file", "prefix", "group", "worker", "workers", "placement",
                          "member", "session_timeout_seconds", "checkpoints"}));
  auto& connection = kafka->connection;
  const auto text = [&](const std::string& key, std::string* out) {
    return section.has(key) ? section.at(key).read(out) : Status();
  };
  const auto file = [&](const std::string& key, std::filesystem::path* out) -> Status {
    std::string path;
    KETAVIGIL_TRY(text(key, &path));
    *out = path;
    return {};
  };
  KETAVIGIL_TRY(text("brokers", &connection.brokers));
  KETAVIGIL_TRY(text("security", &connection.security));
  KETAVIGIL_TRY(file("ca_file", &connection.ca_file));
  KETAVIGIL_TRY(text("sasl_mechanism", &connection.sasl_mechanism));
  KETAVIGIL_TRY(text("sasl_username", &connection.sasl_username));
  KETAVIGIL_TRY(file("sasl_password_file", &connection.sasl_password_file));
  KETAVIGIL_TRY(text("prefix", &kafka->prefix));
  KETAVIGIL_TRY(text("group", &kafka->group));
  if (section.has("workers"))
    KETAVIGIL_TRY(section.at("workers").read_integer(&kafka->workers, 1, kafka_workers_max));
  if (section.has("worker")) {
    KETAVIGIL_TRY(section.at("worker").read_integer(&kafka->worker, 0, kafka->workers - 1));
  }
  KETAVIGIL_TRY(read_placement(section, kafka));
  if (section.has("checkpoints")) {
    KETAVIGIL_TRY(read_checkpoints(section.at("checkpoints"), &kafka->checkpoints.emplace()));
  }
  if (connection.brokers.empty())
    return section.error("needs `brokers`: host:port, several separated by commas");
  if (kafka->prefix.empty()) return section.error("needs a `prefix` that is not empty");
  if (kafka->group.empty()) return section.error("needs a `group` that is not empty");
  return {};
}

Status read_cohort(const Section& section, engine::Settings* settings) {
  KETAVIGIL_TRY(section.check_keys({"lock_every_days"}));
  if (!section.has("lock_every_days")) return {};
  return section.at("lock_every_days")
      .read_integer(&settings->lock_every_days, 1, engine::lock_every_days_max);
}

Status read_document(const Section& root, Configuration* out) {
  KETAVIGIL_TRY(
      root.check_keys({"storage", "engine", "intake", "operations", "kafka", "cohort", "page",
                       "sources", "words", "detectors", "sites", "reference_tables"}));
  if (root.has("storage")) KETAVIGIL_TRY(read_storage(root.at("storage"), out));
  if (root.has("engine")) KETAVIGIL_TRY(read_engine(root.at("engine"), out));
  if (root.has("intake")) KETAVIGIL_TRY(read_intake(root.at("intake"), out));
  if (root.has("operations"))
    KETAVIGIL_TRY(read_listener(root.at("operations"), {"hosts"}, &out->operations));
  if (root.has("kafka")) KETAVIGIL_TRY(read_kafka(root.at("kafka"), &out->kafka.emplace()));
  if (root.has("cohort")) KETAVIGIL_TRY(read_cohort(root.at("cohort"), &out->settings));
  if (root.has("page")) KETAVIGIL_TRY(read_page_section(root.at("page"), &out->page));
  if (root.has("sources")) KETAVIGIL_TRY(read_sources(root.at("sources"), &out->settings.decode));
  if (root.has("words")) KETAVIGIL_TRY(read_words(root.at("words"), &out->settings.decode));
  if (root.has("detectors"))
    KETAVIGIL_TRY(read_detectors(root.at("detectors"), "", &out->settings));
  if (root.has("sites")) KETAVIGIL_TRY(read_sites(root.at("sites"), &out->settings));
  if (root.has("reference_tables")) KETAVIGIL_TRY(read_tables(root.at("reference_tables"), out));
  return {};
}

// KETAVIGIL_STORAGE__PATH=/data is storage: {path: /data}. The value stands over the file's.
Status apply_environment(const Environment& environment, YAML::Node* root) {
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(environment_prefix)) continue;
    std::string path = name.substr(environment_prefix.size());
    for (char& c : path) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto split = path.find("__");
    if (split == std::string::npos)
      continue;  // not of the configuration: KETAVIGIL_VERSION and the like
    const std::string section = path.substr(0, split);
    const std::string key = path.substr(split + 2);
    if (key.find("__") != std::string::npos) {
      return configuration_error("the environment variable " + name +
                                 " goes deeper than the configuration's sections");
    }
    if (!events::is_utf_8(value))
      return configuration_error("the environment variable " + name + " is no UTF-8");
    (*root)[section][key] = value;
  }
  return {};
}

}  // namespace

Environment process_environment() {
  Environment out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string::npos) out[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return out;
}

namespace {

// What is read is printed, and becomes part of the log, as JSON; yaml-cpp takes any bytes.
Status check_utf_8(std::string_view text, const std::string& name) {
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::string_view one = text.substr(0, text.find('\n'));
    if (!events::is_utf_8(one))
      return configuration_error(name + ":" + std::to_string(line) + ": is no UTF-8");
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return {};
}

}  // namespace

Result<Configuration> parse_configuration(const std::string& text, const std::string& name,
                                          const Environment& environment) {
  KETAVIGIL_TRY(check_utf_8(text, name));
  Configuration configuration;
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) {
      return configuration_error(name + ": holds " + std::to_string(documents.size()) +
                                 " documents, parted by `---`; a configuration is one");
    }
    YAML::Node root = documents.empty() ? YAML::Node() : documents.front();
    if (root.IsNull()) root = YAML::Node(YAML::NodeType::Map);
    if (!root.IsMap())
      return configuration_error(
          name + ": must be a map of sections, see `ketavigil check-config --example`");
    KETAVIGIL_TRY(apply_environment(environment, &root));
    KETAVIGIL_TRY(read_document(Section(root, name, ""), &configuration));
  } catch (const YAML::Exception& error) {
    return configuration_error(name + ":" + std::to_string(error.mark.line + 1) +
                               ": is no YAML: " + events::escaped_controls(error.msg));
  }
  return configuration;
}

Result<Configuration> read_configuration(const std::filesystem::path& file,
                                         const Environment& environment) {
  std::ifstream stream(file);
  if (!stream)
    return configuration_error("cannot read the configuration " + file.string() +
                               ": make one by `ketavigil check-config --example`");
  std::stringstream text;
  text << stream.rdbuf();
  return parse_configuration(text.str(), file.string(), environment);
}

namespace {

std::string placement_text(const KafkaSettings& kafka) {
  if (!kafka.membership) {
    return "\n  placement: fixed\n  worker: " + std::to_string(kafka.worker) +
           "\n  workers: " + std::to_string(kafka.workers) + "\n";
  }
  const auto session =
      std::chrono::duration_cast<std::chrono::seconds>(kafka.membership->session_timeout);
  return "\n  placement: group\n  member: " + kafka.membership->member +
         "\n  session_timeout_seconds: " + std::to_string(session.count()) + "\n";
}

std::string checkpoints_text(const engine::CheckpointSettings& checkpoints) {
  return "  checkpoints:\n    directory: " + checkpoints.directory.string() +
         "\n    every_minutes: " + std::to_string(checkpoints.every_minutes) +
         "\n    keep: " + std::to_string(checkpoints.keep) + "\n";
}

}  // namespace

std::string print_configuration(const Configuration& configuration) {
  std::ostringstream out;
  const auto& decode = configuration.settings.decode;
  out << "storage:\n  path: " << configuration.storage_path.string()
      << "\n  shards: " << configuration.shards.value_or(1)
      << "\n  free_space_guard_bytes: " << configuration.free_space_guard_bytes
      << "\nengine:\n  workers: " << configuration.workers
      << "\n  batch_entries: " << configuration.batch_entries
      << "\n  cache_bytes: " << configuration.cache_bytes
      << "\n  tick_seconds: " << configuration.tick_seconds << "\nintake:\n"
      << listener_text(configuration.intake) << "  body_bytes_max: " << configuration.body_bytes_max
      << "\noperations:\n"
      << listener_text(configuration.operations);
  if (configuration.kafka) {
    const auto& kafka = *configuration.kafka;
    out << "kafka:\n  brokers: " << kafka.connection.brokers
        << "\n  security: " << kafka.connection.security
        << "\n  ca_file: " << kafka.connection.ca_file.string()
        << "\n  sasl_mechanism: " << kafka.connection.sasl_mechanism
        << "\n  sasl_username: " << kafka.connection.sasl_username
        << "\n  sasl_password_file: " << kafka.connection.sasl_password_file.string()
        << "\n  prefix: " << kafka.prefix << "\n  group: " << kafka.group << placement_text(kafka);
    if (kafka.checkpoints) out << checkpoints_text(*kafka.checkpoints);
  }
  out << "cohort:\n  lock_every_days: " << configuration.settings.lock_every_days << "\n";
  out << page_text(configuration.page);
  if (!decode.sources.empty()) out << "sources:\n";
  for (const auto& [name, source] : decode.sources) {
    out << "  " << name << ": {zone: " << source.zone_name << ", rank: " << source.rank
        << ", site: \"" << source.site << "\"}\n";
  }
  const auto table = configuration.settings.tables.find(engine::drift_priors_table);
  if (table != configuration.settings.tables.end()) {
    out << "reference_tables:\n  drift_priors: " << configuration.drift_priors_file.string()
        << "  # version " << engine::table_word(table->second, "version") << ", digest "
        << engine::table_digest(table->second) << "; "
        << engine::table_word(table->second, "citation") << "\n";
  }
  out << detectors_text(configuration.settings);
  return out.str();
}

std::string example_configuration() {
  return R"(# Configuration of Ketavigil. Every key is optional; the values shown are the defaults.
# An environment variable KETAVIGIL_SECTION__KEY stands over the file, a flag over both.

storage:
  path: ketavigil-data          # the data directory: one programme
  shards: 1                     # fixed when the programme is made (1 to 256)
  free_space_guard_bytes: 2147483648   # with less room than this nothing more is taken (503)

engine:                         # none of these shows in any result
  workers: 2                    # threads that fold patients
  batch_entries: 5000           # entries of the log in one write of the bulk lane
  cache_bytes: 536870912        # memory for patients in use, whose next entry need not read them (0: none)
  tick_seconds: 60              # how often a running service lets time pass

intake:                         # POST /api/v1/events
  address: 127.0.0.1            # other addresses need `tokens_file` and `tls`
  port: 8410
  connections_max: 256
  tokens_file: ""               # who may push: made by `ketavigil token create`; empty: nobody is asked
  tls: {}                       # {certificate: FILE, key: FILE}, PEM; the certificate with its chain
  body_bytes_max: 16777216
  source_default: ""            # the source of events that name none; empty: they are refused

operations:                     # the console, its API, /metrics, /-/healthy, /-/ready
  address: 127.0.0.1            # other addresses need `tokens_file` and `tls`
  port: 8411
  connections_max: 64
  tokens_file: ""               # who may read: made by `ketavigil token create`; empty: nobody is asked
  hosts: []                     # names by which it is asked: [ketavigil.example.org]; addresses need not be listed
  tls: {}                       # {certificate: FILE, key: FILE}, PEM; the certificate with its chain

# With this section the log is on Kafka: `serve` follows two topics, live and backfill, a partition a shard; facts are sent by `ketavigil produce`, any Kafka client, or over HTTP to any worker.
#kafka:
#  brokers: 127.0.0.1:19092      # needed: host:port, several separated by commas
#  security: plaintext           # plaintext, ssl, sasl_plaintext, sasl_ssl
#  ca_file: ""                   # PEM; empty: the system's certificates
#  sasl_mechanism: ""            # PLAIN, SCRAM-SHA-256, SCRAM-SHA-512
#  sasl_username: ""
#  sasl_password_file: ""        # its first line is the password
#  prefix: ketavigil             # topics: PREFIX.events, PREFIX.backfill; another for each programme of a cluster
#  group: ketavigil              # names the committed offsets, which are telemetry
#  placement: fixed              # fixed: by ordinal, as the next two lines say; group: as the broker's coordinator says
#  worker: 0                     # this worker's ordinal; partition p belongs to worker p modulo `workers`
#  workers: 1
#  member: ""                    # placement group: this worker's name, stable, and of nobody else
#  session_timeout_seconds: 10   # placement group: away for longer, and others get its partitions; 6 to 1800
#  checkpoints:                  # what a shard that was lost, or comes to another worker, is restored from
#    directory: /mnt/checkpoints # needed: on another disk than the data, the same for all workers
#    every_minutes: 60           # 1 to 10080
#    keep: 2                     # of each shard, 1 to 100

# Data lock points: moments of `received` at which the cohort is counted, whole numbers of days after a Monday
# midnight, UTC. A change is an epoch.
cohort:
  lock_every_days: 1            # 7: Mondays (1 to 366)

# Who is told of critical cases at once. Without a way out they are only listed: `ketavigil page list`.
page:
  alertmanagers: []             # their addresses, each is told everything: [http://127.0.0.1:9093]
  webhooks: []                  # [{name: on-call, url: https://…, secret_file: FILE}]; the file's first line signs
  resend_seconds: 60            # how often what is open is told again (5 to 3600)
  age_hours_max: 72             # what was older when it became known is listed as historic (1 to 8760)
  unverified_per_hour_max: 3    # pages of one source that rest on unverified values; then one for all of them (1 to 1000)
  link: ""                      # a page links to this with the case appended; empty: to the operations listener

# What is known of each feed. Bare dates lie in its zone; of twins the smaller rank counts; facts without any
# other site get this one.
sources: {}
#  clinic-01: {zone: Europe/Berlin, rank: 10, site: north}
#  monitor-01: {zone: UTC, rank: 20}

# Words beside those of the format.
words:
  compounds: []
  covariates: []
  medication_classes: []
  instruments: {}               # name: {least: 0, greatest: 30}

# Thresholds of detectors, by detector and parameter: `ketavigil check-config FILE` prints all of them with unit,
# citation and whether they are confirmed. A change is an epoch: every patient is evaluated anew. A value is a number,
# or a map that says who answers for it: owner and citation are text, version counts the owner's changes from 1.
detectors: {}
#  BP-2:
#    systolic_mmhg: 180
#    diastolic_mmhg: {value: 110, owner: "Dr. A. Example", version: 2, citation: "local protocol 12", confirmed: true}

# What a site has of its own stands over the programme's. A patient is judged by one site from the first fact to the
# last: that of the first enrolment. Sites need not have enrolled yet; at most 4096.
sites: {}
#  site-03:
#    detectors:
#      BP-1: {systolic_mmhg: 150}

# What was learnt from many patients and adopted by a person, as files. `ketavigil priors fit` proposes one. A change is
# an epoch too; the content becomes part of the log.
reference_tables: {}
#  drift_priors: priors-2026-11.json   # what drift expects of instruments (BP-7, COG-8, URO-2)
)";
}

}  // namespace ketavigil::cli
