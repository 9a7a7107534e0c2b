#include "engine/shard/codec.h"

#include <google/protobuf/arena.h>

#include "engine/shard/account.h"
#include "engine/shard/stored.pb.h"

namespace ketavigil::engine {
namespace {

constexpr char format_version = 1;

template <typename Message, typename Fill>
std::string to_bytes(Fill fill) {
  google::protobuf::Arena arena;
  auto* message = google::protobuf::Arena::CreateMessage<Message>(&arena);
  fill(message);
  std::string bytes(1, format_version);
  message->AppendToString(&bytes);
  return bytes;
}

template <typename Message, typename Read>
Status from_bytes(std::string_view bytes, std::string_view what, Read read) {
  google::protobuf::Arena arena;
  auto* message = google::protobuf::Arena::CreateMessage<Message>(&arena);
  if (bytes.empty() || bytes.front() != format_version ||
      !message->ParseFromArray(bytes.data() + 1, static_cast<int>(bytes.size() - 1))) {
    return Status::failure(ErrorKind::storage,
                           "stored " + std::string(what) +
                               " cannot be read: damaged, or written by a newer program. Run "
                               "`ketavigil verify`");
  }
  read(*message);
  return {};
}

}  // namespace

std::string encode(const Entry& entry) {
  return to_bytes<stored::Entry>([&](stored::Entry* out) {
    out->set_type(static_cast<std::uint32_t>(entry.type));
    out->set_received_us(entry.received);
    out->set_bulk(entry.bulk);
    out->set_default_source(entry.default_source);
    out->set_bytes(entry.bytes);
    out->set_patient(entry.patient);
  });
}

Status decode(std::string_view bytes, Entry* entry) {
  return from_bytes<stored::Entry>(bytes, "log entry", [&](const stored::Entry& in) {
    entry->type = static_cast<EntryType>(in.type());
    entry->received = in.received_us();
    entry->bulk = in.bulk();
    entry->default_source = in.default_source();
    entry->bytes = in.bytes();
    entry->patient = in.patient();
  });
}

std::string encode(const StoredFindings& findings) {
  return to_bytes<stored::Findings>([&](stored::Findings* out) {
    out->set_valid_from_us(findings.valid_from);
    out->set_valid_until_us(findings.valid_until);
    for (const StoredFinding& finding : findings.findings) {
      auto* one = out->add_findings();
      one->set_id(finding.id);
      one->set_detector(finding.detector);
      one->set_level(static_cast<std::uint32_t>(finding.level));
      one->set_resolved(finding.resolved);
      one->set_onset_us(finding.onset);
      one->set_compound(finding.compound);
      one->set_site(finding.site);
      one->set_text(finding.text);
    }
  });
}

Status decode(std::string_view bytes, StoredFindings* findings) {
  return from_bytes<stored::Findings>(bytes, "findings", [&](const stored::Findings& in) {
    findings->valid_from = in.valid_from_us();
    findings->valid_until = in.valid_until_us();
    findings->findings.clear();
    for (const auto& one : in.findings()) {
      findings->findings.push_back({one.id(), one.detector(),
                                    static_cast<detectors::Level>(one.level() & 3U), one.resolved(),
                                    one.onset_us(), one.compound(), one.site(), one.text()});
    }
  });
}

std::string encode(const std::vector<detectors::ExposureCell>& cells) {
  return to_bytes<stored::Cells>([&](stored::Cells* out) {
    for (const auto& cell : cells) {
      auto* one = out->add_cells();
      one->set_compound(cell.compound);
      one->set_route(cell.route);
      one->set_sessions(cell.sessions);
      one->set_micrograms(cell.micrograms);
      for (const auto& [from, until] : cell.at_risk) {
        auto* interval = one->add_at_risk();
        interval->set_from_us(from);
        interval->set_until_us(until);
      }
    }
  });
}

Status decode(std::string_view bytes, std::vector<detectors::ExposureCell>* cells) {
  return from_bytes<stored::Cells>(bytes, "cells", [&](const stored::Cells& in) {
    cells->clear();
    for (const auto& one : in.cells()) {
      detectors::ExposureCell cell{
          one.compound(), one.route(), one.sessions(), one.micrograms(), {}};
      for (const auto& interval : one.at_risk())
        cell.at_risk.emplace_back(interval.from_us(), interval.until_us());
      cells->push_back(std::move(cell));
    }
  });
}

std::string encode(const std::vector<Case>& cases) {
  return to_bytes<stored::Cases>([&](stored::Cases* out) {
    for (const Case& thread : cases) {
      auto* one = out->add_cases();
      one->set_name(thread.name);
      one->set_detector(thread.detector);
      one->set_statistic(thread.statistic);
      one->set_revisions(thread.revisions);
      one->set_live(thread.live);
      one->set_published(thread.published);
      one->set_first_onset_us(thread.first_onset);
      one->set_first_id(thread.first_id);
      one->set_raised_us(thread.raised);
      one->set_level(static_cast<std::uint32_t>(thread.level));
      one->set_text(thread.text);
      one->set_state(thread.state);
      for (const auto& [source, id] : thread.evidence) {
        auto* key = one->add_evidence();
        key->set_source(source);
        key->set_id(id);
      }
    }
  });
}

Status decode(std::string_view bytes, std::vector<Case>* cases) {
  return from_bytes<stored::Cases>(bytes, "cases", [&](const stored::Cases& in) {
    cases->clear();
    for (const auto& one : in.cases()) {
      Case thread;
      thread.name = one.name();
      thread.detector = one.detector();
      thread.statistic = one.statistic();
      thread.revisions = one.revisions();
      thread.live = one.live();
      thread.published = one.published();
      thread.first_onset = one.first_onset_us();
      thread.first_id = one.first_id();
      thread.raised = one.raised_us();
      thread.level = static_cast<int>(one.level());
      thread.text = one.text();
      thread.state = one.state();
      for (const auto& key : one.evidence()) thread.evidence.emplace_back(key.source(), key.id());
      cases->push_back(std::move(thread));
    }
  });
}

std::string encode(const Quarantined& quarantined) {
  return to_bytes<stored::Quarantined>([&](stored::Quarantined* out) {
    out->set_reason(quarantined.reason);
    out->set_field(quarantined.field);
    out->set_expected(quarantined.expected);
    out->set_bytes(quarantined.bytes);
    out->set_default_source(quarantined.default_source);
    out->set_received_us(quarantined.received);
    out->set_position(quarantined.position);
    out->set_discarded(quarantined.discarded);
    if (quarantined.offset) out->set_offset(*quarantined.offset);
  });
}

Status decode(std::string_view bytes, Quarantined* quarantined) {
  return from_bytes<stored::Quarantined>(bytes, "quarantine entry",
                                         [&](const stored::Quarantined& in) {
                                           quarantined->reason = in.reason();
                                           quarantined->field = in.field();
                                           quarantined->expected = in.expected();
                                           quarantined->bytes = in.bytes();
                                           quarantined->default_source = in.default_source();
                                           quarantined->received = in.received_us();
                                           quarantined->position = in.position();
                                           quarantined->discarded = in.discarded();
                                           if (in.has_offset()) quarantined->offset = in.offset();
                                         });
}

namespace {

void fill(const CohortCells& cells, stored::CohortCells* out) {
  for (const auto& [key, sum] : cells.exposure) {
    auto* one = out->add_exposure();
    one->set_compound(key.first);
    one->set_route(key.second);
    one->set_patients(sum.patients);
    one->set_sessions(sum.sessions);
    one->set_micrograms(sum.micrograms);
    one->set_person_time_us(sum.person_time_us);
  }
  for (const auto& [key, sum] : cells.findings) {
    auto* one = out->add_findings();
    one->set_compound(std::get<0>(key));
    one->set_detector(std::get<1>(key));
    one->set_level(std::get<2>(key));
    one->set_patients(sum.patients);
    one->set_findings(sum.findings);
  }
}

void read(const stored::CohortCells& in, CohortCells* cells) {
  for (const auto& one : in.exposure()) {
    cells->exposure[{one.compound(), one.route()}] = {one.patients(), one.sessions(),
                                                      one.micrograms(), one.person_time_us()};
  }
  for (const auto& one : in.findings())
    cells->findings[{one.compound(), one.detector(), one.level()}] = {one.patients(),
                                                                      one.findings()};
}

}  // namespace

std::string encode(const Account& account) {
  return to_bytes<stored::Account>([&](stored::Account* out) {
    out->set_lock_point_us(account.lock_point);
    if (account.previous) out->set_previous_us(*account.previous);
    out->set_begins(account.begins);
    out->set_position(account.position);
    out->set_identity(account.identity);
    fill(account.cells, out->mutable_cells());
  });
}

Status decode(std::string_view bytes, Account* account) {
  return from_bytes<stored::Account>(bytes, "account", [&](const stored::Account& in) {
    account->lock_point = in.lock_point_us();
    if (in.has_previous_us()) account->previous = in.previous_us();
    account->begins = in.begins();
    account->position = in.position();
    account->identity = in.identity();
    read(in.cells(), &account->cells);
  });
}

std::string encode(const LockPointSum& sum) {
  return to_bytes<stored::LockPointSum>([&](stored::LockPointSum* out) {
    out->set_given(sum.given);
    fill(sum.cells, out->mutable_cells());
  });
}

Status decode(std::string_view bytes, LockPointSum* sum) {
  return from_bytes<stored::LockPointSum>(bytes, "sum of accounts",
                                          [&](const stored::LockPointSum& in) {
                                            sum->given = in.given();
                                            read(in.cells(), &sum->cells);
                                          });
}

std::string encode(const Page& page) {
  return to_bytes<stored::Page>([&](stored::Page* out) {
    out->set_decision(static_cast<std::uint32_t>(page.decision));
    out->set_revision(page.revision);
    out->set_since_us(page.since);
    out->set_updated_us(page.updated);
    if (page.ended) out->set_ended_us(*page.ended);
    out->set_source(page.source);
    out->set_unverified(page.unverified);
    out->set_text(page.text);
  });
}

Status decode(std::string_view bytes, Page* page) {
  return from_bytes<stored::Page>(bytes, "page", [&](const stored::Page& in) {
    page->decision = static_cast<PageDecision>(in.decision());
    page->revision = in.revision();
    page->since = in.since_us();
    page->updated = in.updated_us();
    page->ended = in.has_ended_us() ? std::optional(in.ended_us()) : std::nullopt;
    page->source = in.source();
    page->unverified = in.unverified();
    page->text = in.text();
  });
}

std::string encode(const PageDelivery& delivery) {
  return to_bytes<stored::PageDelivery>([&](stored::PageDelivery* out) {
    out->set_way(delivery.way);
    out->set_body(delivery.body);
    out->set_since_us(delivery.since);
    out->set_attempts(delivery.attempts);
    out->set_error(delivery.error);
  });
}

Status decode(std::string_view bytes, PageDelivery* delivery) {
  return from_bytes<stored::PageDelivery>(bytes, "delivery of a page",
                                          [&](const stored::PageDelivery& in) {
                                            delivery->way = in.way();
                                            delivery->body = in.body();
                                            delivery->since = in.since_us();
                                            delivery->attempts = in.attempts();
                                            delivery->error = in.error();
                                          });
}

}  // namespace ketavigil::engine
