// What the generator of random courses is for: that every detector has something to say about them,
// so that the properties over them try every detector.
#include "tests/engine/random_course.h"

#include <gtest/gtest.h>

#include <set>

#include "detectors/patient/catalogue.h"
#include "engine/shard/patient_fold.h"
#include "engine/shard/rows.h"
#include "events/decode.h"

namespace ketavigil::engine {
namespace {

std::set<std::string> detectors_of(const std::vector<std::string>& texts) {
  static const Configured configured(Settings{course_settings(), {}});
  events::Decoder decoder(configured.settings.decode);
  KnownPatient known;
  known.record.patient = "p0";
  for (const auto& json : texts) {
    auto decoded = decoder.decode(json);
    if (auto* fact = std::get_if<events::Fact>(&decoded))
      known.record.variants.put({*fact, events::digest_of(*fact)});
  }
  const PatientFold fold(known.record, known.quarantined, configured);
  std::set<std::string> found;
  for (const auto& finding : fold.at(detectors::never - 1).findings.findings)
    found.insert(finding.detector);
  return found;
}

TEST(RandomCourse, makes_every_detector_speak) {
  std::set<std::string> spoke;
  const std::size_t all = detectors::catalogue().size();
  // Some speak in few courses of a thousand: as many are made as it takes, within a bound.
  EXPECT_TRUE(rc::check([&] {
    for (int i = 0; i < 500 && spoke.size() < all; ++i)
      spoke.merge(detectors_of(*random_course(1)));
  }));
  for (const auto& entry : detectors::catalogue())
    EXPECT_EQ(spoke.count(std::string(entry.id)), 1U) << entry.id;
}

}  // namespace
}  // namespace ketavigil::engine
