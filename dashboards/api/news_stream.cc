#include "dashboards/api/news_stream.h"

#include <charconv>

#include "dashboards/api/case_json.h"
#include "events/time.h"

namespace ketavigil::dashboards::api {
namespace {

constexpr double seconds_between_signs = 15;
constexpr std::size_t news_at_once = 200;

}  // namespace

NewsStream::NewsStream(const engine::Programme& programme, const engine::CaseBook& cases,
                       std::string_view last, std::function<double()> steady_seconds)
    : programme_(programme),
      cases_(cases),
      steady_seconds_(std::move(steady_seconds)),
      last_(cases.newest()) {
  if (last.empty()) return;
  // An id that is not of this process: nobody can tell what was missed.
  const std::string ours = std::to_string(cases.began()) + "-";
  std::uint64_t seen = 0;
  const bool is_ours = last.starts_with(ours);
  if (is_ours) last.remove_prefix(ours.size());
  const auto read = std::from_chars(last.data(), last.data() + last.size(), seen);
  reloads_ = !is_ours || read.ec != std::errc() || read.ptr != last.data() + last.size();
  if (!reloads_) last_ = seen;
}

void NewsStream::append_event(std::string* out, std::string_view name,
                              std::string_view data) const {
  *out += "id: " + std::to_string(cases_.began()) + "-" + std::to_string(last_) + "\nevent: ";
  *out += name;
  *out += "\ndata: ";
  *out += data;
  *out += "\n\n";
}

std::string NewsStream::take() {
  std::string out;
  const auto news = cases_.news_after(last_, news_at_once);
  if (!news || reloads_) {
    reloads_ = false;
    last_ = cases_.newest();
    append_event(&out, "reload", "{}");
  } else {
    for (const auto& one : *news) {
      last_ = one.number;
      std::string data;
      append_case(&data, *one.summary);
      append_event(&out, "revision", data);
    }
  }
  const double now = steady_seconds_();
  if (out.empty() && told_seconds_ && now - *told_seconds_ < seconds_between_signs) return out;
  told_seconds_ = now;
  append_event(&out, "at", "{\"at\":\"" + events::print_utc(programme_.newest_received()) + "\"}");
  return out;
}

}  // namespace ketavigil::dashboards::api
