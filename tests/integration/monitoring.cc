#include "tests/integration/monitoring.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "tests/ingest/http/http_client.h"

namespace ketavigil::test {
namespace {

constexpr auto start_patience = std::chrono::seconds(30);

bool answers(std::uint16_t port, const std::string& path) {
  const auto answer = HttpClient(port, std::chrono::seconds(1)).request("GET", path);
  return answer && answer->status == 200;
}

}  // namespace

bool comes_true(const std::function<bool()>& holds, std::chrono::milliseconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  std::uint16_t port = 0;
  if (::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    port = ntohs(address.sin_port);
  ::close(socket);
  return port;
}

bool Beside::start(std::uint16_t port, const std::string& path, const std::filesystem::path& log) {
  child_ = ::fork();
  if (child_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    std::vector<char*> pointers;
    for (const auto& argument : command_) pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    ::execvp(pointers.front(), pointers.data());
    ::_exit(127);
  }
  return comes_true([&] { return answers(port, path); }, start_patience);
}

void Beside::kill() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
  child_ = 0;
}

PageReceiver::PageReceiver() {
  ingest::http::ServerOptions options;
  options.address = "127.0.0.1";
  options.port = 0;
  options.handler_threads = 2;
  ingest::http::Router router;
  router.add("POST", "/*", [this](const ingest::http::Request& request) { return take(request); });
  router.add("POST", "/hook",
             [this](const ingest::http::Request& request) { return take_hook(request); });
  auto server = ingest::http::Server::listen(options, std::move(router), &observer_);
  if (!server.ok()) return;
  server_ = std::move(server).value();
  server_->start();
}

PageReceiver::~PageReceiver() {
  if (server_) server_->stop(std::chrono::milliseconds(0));
}

std::string PageReceiver::url() const { return server_ ? server_->url() + "/page" : ""; }

ingest::http::Response PageReceiver::take(const ingest::http::Request& request) {
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  const std::lock_guard lock(mutex_);
  if (body.is_object() && body.contains("alerts")) {
    for (const auto& alert : body.at("alerts")) {
      pages_.push_back({alert.value("status", ""), alert.at("labels"), alert.at("annotations"),
                        alert.value("generatorURL", ""), request.body, request.path});
    }
  }
  return {};
}

ingest::http::Response PageReceiver::take_hook(const ingest::http::Request& request) {
  ingest::http::Response response;
  response.status = hook_status_;
  if (response.status != 200) return response;
  const std::lock_guard lock(mutex_);
  hooks_.push_back({request.body, std::string(request.header("ketavigil-timestamp")),
                    std::string(request.header("ketavigil-signature"))});
  return response;
}

std::vector<PageReceiver::Hook> PageReceiver::hooks() const {
  const std::lock_guard lock(mutex_);
  return hooks_;
}

std::vector<PageReceiver::Page> PageReceiver::pages() const {
  const std::lock_guard lock(mutex_);
  return pages_;
}

std::vector<PageReceiver::Page> PageReceiver::of(const std::string& value,
                                                 const std::string& status,
                                                 const std::string& label) const {
  std::vector<Page> found;
  for (const Page& page : pages()) {
    if (page.status == status && page.labels.value(label, "") == value) found.push_back(page);
  }
  return found;
}

AlertsBeside::AlertsBeside(std::filesystem::path folder, const std::string& receiver_url)
    : folder_(std::move(folder)), port_(free_port()) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "alertmanager.yml")
      << "route:\n  receiver: test\n  group_by: ['...']\n  group_wait: 0s\n  group_interval: 1s\n"
         "  repeat_interval: 32d\nreceivers:\n  - name: test\n    webhook_configs:\n      - url: "
      << receiver_url << "\n        send_resolved: true\n";
}

bool AlertsBeside::start() {
  process_ = std::make_unique<Beside>(std::vector<std::string>{
      "prometheus-alertmanager", "--config.file=" + (folder_ / "alertmanager.yml").string(),
      "--storage.path=" + (folder_ / "state").string(), "--data.retention=840h",
      "--web.listen-address=127.0.0.1:" + std::to_string(port_),
      "--cluster.listen-address=", "--log.level=warn"});
  return process_->start(port_, "/-/ready", folder_ / "log");
}

}  // namespace ketavigil::test
