// Writes a seeded programme of events as NDJSON, one fact a line, in the order in which a log would
// receive them.
//
//   generate --facts 2000000 --patients 50000 --seed 1 > events.ndjson          (key: the field
//   "patient") generate --facts 2000000 --patients 50000 --seed 1 --key > events.tsv       (patient
//   <TAB> fact, for kcat -K '\t')
//
// Each patient has sessions (weekly, then fortnightly) with a reading before, at the peak and at
// discharge, monthly scores (BPIC-SS, MoCA, PHQ-9), some refills. 2 % of the deliveries are exact
// duplicates, 10 % arrive days late, 0.3 % are corrections, 0.1 % retractions, 0.5 % cannot be
// accepted. Planted: about 1 % of the patients run into peaks of 180/110, 3 % surge, 2 % develop
// bladder symptoms. Same seed, same bytes.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

struct Random {  // splitmix64: the same everywhere
  uint64_t state;
  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  int below(int n) { return static_cast<int>((static_cast<unsigned __int128>(next()) * n) >> 64); }
  bool chance(int perMille) { return below(1000) < perMille; }
  int spread(int middle, int half) { return middle - half + (below(half + 1) + below(half + 1)); }
};

struct Delivery {
  int64_t received;  // seconds; what orders the file
  uint64_t tie;
  uint32_t offset, length, patient;
};

std::string text;
std::vector<Delivery> deliveries;

int64_t daysToCivil(int64_t z, int& m, int& d) {
  z += 719468;
  int64_t era = z / 146097, doe = z - era * 146097,
          yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  d = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  m = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  return yoe + era * 400 + (m <= 2);
}

std::string instant(int64_t seconds, bool local) {  // local: the clinic writes +01:00
  int64_t shown = local ? seconds + 3600 : seconds;
  int m, d;
  int64_t y = daysToCivil(shown / 86400, m, d), s = shown % 86400;
  char out[40];
  snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02d%s", static_cast<int>(y), m, d,
           static_cast<int>(s / 3600), static_cast<int>(s / 60 % 60), static_cast<int>(s % 60),
           local ? "+01:00" : "Z");
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  long facts = 2000000, patients = 50000;
  uint64_t seed = 1;
  bool key = false;
  for (int i = 1; i < argc; ++i) {
    if (!strcmp(argv[i], "--facts"))
      facts = atol(argv[++i]);
    else if (!strcmp(argv[i], "--patients"))
      patients = atol(argv[++i]);
    else if (!strcmp(argv[i], "--seed"))
      seed = strtoull(argv[++i], nullptr, 10);
    else if (!strcmp(argv[i], "--key"))
      key = true;
    else
      return fprintf(stderr, "unknown argument %s\n", argv[i]), 1;
  }
  const int64_t start = 1767254400;  // 2026-01-01T08:00:00Z
  text.reserve(facts * 260);
  deliveries.reserve(facts + 64);
  long perPatient = (facts + patients - 1) / patients;
  for (long p = 0; p < patients && static_cast<long>(deliveries.size()) < facts; ++p) {
    Random random{seed * 0x2545f4914f6cdd1dULL + static_cast<uint64_t>(p) * 0xd1342543de82ef95ULL};
    char patient[32], source[32];
    snprintf(patient, sizeof patient, "p-%08llx",
             static_cast<unsigned long long>(random.next() >> 32));
    snprintf(source, sizeof source, "clinic-%02d", random.below(40));
    bool hypertensive = random.chance(10), surging = random.chance(30), bladder = random.chance(20);
    int rest = random.spread(124, 14), moca = random.spread(26, 3), bpic = random.below(12),
        phq = random.spread(15, 8);
    int64_t t = start + random.below(60) * 86400LL + random.below(28800);
    long left = std::min<long>(perPatient, facts - static_cast<long>(deliveries.size()));
    int number = 0, session = 0;
    bool local = random.chance(700);
    auto push = [&](int64_t effective, int64_t recorded, const std::string& body,
                    const char* status, int id) {
      if (left <= 0) return;
      char head[256];
      std::string line = "{\"source\":\"" + std::string(source) + "\",\"id\":\"";
      if (id)
        snprintf(head, sizeof head, "f-%s-%d\",", patient + 2, id);
      else
        snprintf(head, sizeof head, "s-%s-%d\",", patient + 2,
                 session);  // a session is what its readings name
      line += head;
      if (status) line += "\"status\":\"" + std::string(status) + "\",";
      line += "\"patient\":\"" + std::string(patient) + "\",";
      if (!body.empty())
        line += body.substr(0, body.find('|')) + ",\"effective\":\"" + instant(effective, local) +
                "\",";
      line += "\"recorded\":\"" + instant(recorded, false) + "\"";
      if (!body.empty()) line += body.substr(body.find('|') + 1);
      line += "}";
      Delivery d{recorded + 5 + random.below(300), random.next(), 0, 0, static_cast<uint32_t>(p)};
      if (random.chance(100)) d.received += 86400LL * (1 + random.below(60));  // 10 % late
      d.offset = static_cast<uint32_t>(text.size());
      d.length = static_cast<uint32_t>(line.size());
      text += line;
      deliveries.push_back(d);
      --left;
      if (random.chance(20) && left > 0) {  // 2 % sent again
        d.received += random.below(3 * 86400);
        d.tie = random.next();
        deliveries.push_back(d);
        --left;
      }
    };
    char body[512];
    while (left > 0) {
      ++session;
      char sid[64];
      snprintf(sid, sizeof sid, "s-%s-%d", patient + 2, session);
      int pre = random.spread(rest, 12), preLow = pre * 6 / 10 + random.below(8);
      int rise = random.spread(18, 14) + (surging && random.chance(350) ? 28 : 0) +
                 (hypertensive ? 22 : 0);
      snprintf(body, sizeof body,
               "\"kind\":\"session\"|,\"compound\":\"%s\",\"route\":\"%s\",\"dose_mg\":%s,"
               "\"setting\":\"clinic\",\"psychotherapy\":\"none\",\"monitored_min\":%d",
               random.chance(600) ? "esketamine" : "ketamine", random.chance(600) ? "IN" : "IV",
               random.chance(500)   ? "84"
               : random.chance(500) ? "56"
                                    : "37.5",
               120 + random.below(15));
      push(t, t + 7500 + random.below(600), body, nullptr, 0);
      struct {
        int at;
        const char* phase;
        int add;
      } reading[3] = {{-15, "pre", 0}, {40, "peak", rise}, {118, "discharge", rise / 4}};
      for (auto& r : reading) {
        if (random.chance(30)) continue;
        int64_t at = t + r.at * 60 + random.below(240) - 120,
                recorded = at + 120 + random.below(1800);
        int high = pre + r.add + random.below(5), low = preLow + r.add / 2 + random.below(5);
        snprintf(body, sizeof body,
                 "\"kind\":\"blood_pressure\"|,\"session\":\"%s\",\"systolic\":%d,\"diastolic\":%d,"
                 "\"phase\":\"%s\"",
                 sid, high, low, r.phase);
        int id = ++number;
        if (random.chance(5)) {  // what cannot be accepted
          int how = random.below(3);
          std::string bad = body;
          if (how == 0)
            snprintf(body, sizeof body,
                     "\"kind\":\"blood_pressure\"|,\"session\":\"%s\",\"systolic\":%d,"
                     "\"diastolic\":%d,\"phase\":\"%s\"",
                     sid, 412, low, r.phase);
          if (how == 1)
            snprintf(body, sizeof body,
                     "\"kind\":\"blood_pressure\"|,\"session\":\"%s\",\"systolic\":\"%d\","
                     "\"diastolic\":%d,\"phase\":\"%s\"",
                     sid, high, low, r.phase);
          if (how == 2)
            snprintf(body, sizeof body,
                     "\"kind\":\"blood_pressur\"|,\"session\":\"%s\",\"systolic\":%d,\"diastolic\":"
                     "%d,\"phase\":\"%s\"",
                     sid, high, low, r.phase);
        }
        push(at, recorded, body, nullptr, id);
        if (random.chance(4)) {
          snprintf(body, sizeof body,
                   "\"kind\":\"blood_pressure\"|,\"session\":\"%s\",\"systolic\":%d,\"diastolic\":%"
                   "d,\"phase\":\"%s\"",
                   sid, high + 3, low, r.phase);
          push(at, recorded + 86400, body, "corrected", id);
        } else if (random.chance(1)) {
          push(at, recorded + 2 * 86400, "", "entered-in-error", id);
        }
      }
      if (session % 3 == 0) {
        struct {
          const char* name;
          int value, most;
        } score[3] = {{"bpic-ss", bpic + random.below(4) + (bladder ? (session - 3) * 4 : 0), 38},
                      {"moca", moca + random.below(3) - 1, 30},
                      {"phq-9", phq - session / 4 + random.below(4), 27}};
        for (auto& x : score) {
          int64_t at = t - 3600 + random.below(900);
          snprintf(body, sizeof body,
                   "\"kind\":\"score\"|,\"instrument\":\"%s\",\"value\":%d,\"location\":\"clinic\","
                   "\"administration\":%d",
                   x.name, std::max(0, std::min(x.most, x.value)), session / 3);
          push(at, at + 900, body, nullptr, ++number);
        }
      }
      if (session % 4 == 1) {
        snprintf(body, sizeof body,
                 "\"kind\":\"dispense\"|,\"compound\":\"esketamine\",\"days_supply\":28,\"quantity_"
                 "mg\":%d,\"pharmacy\":\"ph-%02d\"",
                 224 + 56 * random.below(3), random.below(30));
        push(t + 9000, t + 9100, body, nullptr, ++number);
      }
      t += (session < 8 ? 7 : 14) * 86400LL + random.below(7200) - 3600;
    }
  }
  std::sort(deliveries.begin(), deliveries.end(), [](const Delivery& a, const Delivery& b) {
    return a.received != b.received ? a.received < b.received : a.tie < b.tie;
  });
  static char buffer[1 << 20];  // outlives main: stdio flushes after it
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  for (auto& d : deliveries) {
    if (key) {
      size_t at = text.find("\"patient\":\"", d.offset) + 11;
      fwrite(text.data() + at, 1, text.find('"', at) - at, stdout);
      putchar('\t');
    }
    fwrite(text.data() + d.offset, 1, d.length, stdout);
    putchar('\n');
  }
}
