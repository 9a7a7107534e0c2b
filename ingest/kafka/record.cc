#include "ingest/kafka/record.h"

namespace ketavigil::ingest::kafka {

std::optional<events::Microseconds> Record::appended() const {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t milliseconds = rd_kafka_message_timestamp(message_.get(), &type);
  if (type != RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME) return std::nullopt;
  return milliseconds * 1000;
}

std::optional<std::string_view> Record::header(const char* name) const {
  rd_kafka_headers_t* all = nullptr;
  if (rd_kafka_message_headers(message_.get(), &all) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(all, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  return std::string_view(static_cast<const char*>(value), size);
}

std::vector<Header> Record::headers() const {
  std::vector<Header> out;
  rd_kafka_headers_t* all = nullptr;
  if (rd_kafka_message_headers(message_.get(), &all) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(all, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    out.push_back({name, std::string(static_cast<const char*>(value), size)});
  }
  return out;
}

}  // namespace ketavigil::ingest::kafka
