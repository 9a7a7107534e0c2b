// `GET /api/v1/patients/ID`: what `patient ID --json` prints, from the worker that has the patient.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/shard/programme.h"
#include "ingest/http/message.h"

namespace ketavigil::cli {

inline constexpr std::string_view patients_path = "/api/v1/patients/";

/// Where another worker answers for a patient; empty if it is not known.
using FindWorker = std::function<std::string(const std::string& patient)>;

/// `?at=TIME` as `--at`. A patient of a shard that is not here is answered by a redirection to the
/// worker that has it, or 503 where that is not known. Thread-safe. Opens the shard beside its
/// writer, so what is acknowledged is in the answer.
[[nodiscard]] ingest::http::Response answer_patient(const engine::Programme& programme,
                                                    const ingest::http::Request& request,
                                                    const FindWorker& find_worker);

}  // namespace ketavigil::cli
