// What a broker does when a topic's retention is not unlimited.
#pragma once

#include <cstdint>
#include <string>

namespace ketavigil::topics {

/// Removes the records of a partition before `offset`, as an administrator would. Fails the test
/// if the broker does not.
void truncate_topic(const std::string& brokers, const std::string& topic, int partition,
                    std::int64_t offset);

}  // namespace ketavigil::topics
