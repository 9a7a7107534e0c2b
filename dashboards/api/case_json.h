// Cases as JSON: the schema `Case` of openapi.json.
#pragma once

#include <string>

#include "engine/questions/case_news.h"

namespace ketavigil::dashboards::api {

void append_case(std::string* out, const engine::CaseSummary& one);
/// `{"total":…,"cases":[…]}`.
void append_some_cases(std::string* out, const engine::SomeCases& some);
void append_cases(std::string* out, const std::vector<engine::CaseHandle>& cases);

}  // namespace ketavigil::dashboards::api
