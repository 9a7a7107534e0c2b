#include "ingest/http/server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <thread>
#include <vector>

#include "ingest/http/connection.h"
#include "ingest/http/tls_identity.h"

namespace ketavigil::ingest::http {
namespace {

namespace net = boost::asio;
using net::ip::tcp;

// Connections beyond the limit that are told so at once. One more, and the oldest of them is just
// closed: whoever says nothing must not keep a probe out.
constexpr std::size_t refusing_max = 32;
// When accept fails, most likely for want of file descriptors, it is tried again after this.
constexpr std::chrono::milliseconds accept_pause{100};
// What a forced close may still take.
constexpr std::chrono::milliseconds forced_close_grace{2'000};

boost::system::error_code read_address(const std::string& text, net::ip::address* address) {
  boost::system::error_code error;
  *address = net::ip::make_address(text == "localhost" ? "127.0.0.1" : text, error);
  return error;
}

Error cannot_listen(const ServerOptions& options, const std::string& why) {
  return {ErrorKind::configuration, "cannot listen on " + options.address + " port " +
                                        std::to_string(options.port) + ": " + why};
}

}  // namespace

bool is_loopback(const std::string& text) {
  net::ip::address address;
  return !read_address(text, &address) && address.is_loopback();
}

struct Server::Running {
  Running(const ServerOptions& options, Router router, ServerObserver* observer)
      : shared(options, std::move(router), observer),
        acceptor(net::make_strand(shared.io)),
        pause(acceptor.get_executor()) {}

  Status bind();
  void accept();
  void take(tcp::socket socket);
  void for_each_connection(void (Connection::*call)());
  std::shared_ptr<net::ssl::context> context_now();
  bool wait_until_closed(std::chrono::milliseconds grace);

  Shared shared;
  std::unique_ptr<TlsIdentity> identity;  // null: plain HTTP; used on the acceptor's strand
  // While a handler has the last request, nothing waits in the io_context: its threads must not end
  // before the answer.
  net::executor_work_guard<net::io_context::executor_type> work{net::make_work_guard(shared.io)};
  tcp::acceptor acceptor;
  net::steady_timer pause;
  std::uint16_t port = 0;
  std::vector<std::thread> threads;
};

Status Server::Running::bind() {
  net::ip::address address;
  if (read_address(shared.options.address, &address)) {
    return cannot_listen(shared.options, "this is no IP address");
  }
  const tcp::endpoint endpoint(address, shared.options.port);
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    return cannot_listen(shared.options,
                         error.message() + "; give another port, or stop what listens there");
  }
  port = acceptor.local_endpoint(error).port();
  return {};
}

void Server::Running::accept() {
  acceptor.async_accept(net::make_strand(shared.io),
                        [this](boost::system::error_code error, tcp::socket socket) {
                          if (shared.stopping || error == net::error::operation_aborted) return;
                          if (!error) {
                            take(std::move(socket));
                            return accept();
                          }
                          pause.expires_after(accept_pause);
                          pause.async_wait([this](boost::system::error_code stopped) {
                            if (!stopped && !shared.stopping) accept();
                          });
                        });
}

std::shared_ptr<net::ssl::context> Server::Running::context_now() {
  if (identity == nullptr) return nullptr;
  std::string trouble;
  auto context = identity->current(&trouble);
  if (!trouble.empty() && shared.observer != nullptr) shared.observer->identity_refused(trouble);
  return context;
}

void Server::Running::take(tcp::socket socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto context = context_now();
  std::shared_ptr<Connection> connection;
  std::shared_ptr<Connection> oldest;
  {
    const std::lock_guard lock(shared.mutex);
    const auto serving = static_cast<int>(shared.connections.size());
    if (serving < shared.options.connections_max) {
      connection = std::make_shared<Connection>(shared, std::move(socket), std::move(context),
                                                Connection::Purpose::serve);
      shared.connections.emplace(connection.get(), connection);
    } else {
      connection = std::make_shared<Connection>(shared, std::move(socket), std::move(context),
                                                Connection::Purpose::refuse);
      shared.refusing.push_back(connection);
      if (shared.refusing.size() > refusing_max) {
        oldest = shared.refusing.front().lock();
        shared.refusing.pop_front();
      }
    }
  }
  connection->start();
  if (oldest != nullptr) oldest->close_now();
}

void Server::Running::for_each_connection(void (Connection::*call)()) {
  std::vector<std::shared_ptr<Connection>> all;
  {
    const std::lock_guard lock(shared.mutex);
    for (const auto& [pointer, weak] : shared.connections) {
      if (auto connection = weak.lock()) all.push_back(std::move(connection));
    }
  }
  for (const auto& connection : all) (connection.get()->*call)();
}

bool Server::Running::wait_until_closed(std::chrono::milliseconds grace) {
  std::unique_lock lock(shared.mutex);
  return shared.one_gone.wait_for(lock, grace, [this] { return shared.connections.empty(); });
}

Server::Server(std::unique_ptr<Running> running) : running_(std::move(running)) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

Result<std::unique_ptr<Server>> Server::listen(const ServerOptions& options, Router router,
                                               ServerObserver* observer) {
  auto running = std::make_unique<Running>(options, std::move(router), observer);
  if (options.tls) {
    KETAVIGIL_TRY_ASSIGN(running->identity, TlsIdentity::open(*options.tls));
  }
  KETAVIGIL_TRY(running->bind());
  return std::unique_ptr<Server>(new Server(std::move(running)));
}

void Server::start() {
  if (!running_->threads.empty()) return;
  running_->accept();
  for (int i = 0; i < running_->shared.options.io_threads; ++i) {
    running_->threads.emplace_back([this] { running_->shared.io.run(); });
  }
}

void Server::stop(std::chrono::milliseconds grace) {
  Running& running = *running_;
  if (running.shared.stopping.exchange(true)) return;
  if (!running.threads.empty()) {
    net::post(running.acceptor.get_executor(), [&running] {
      boost::system::error_code ignored;
      running.acceptor.close(ignored);
      running.pause.cancel();
    });
    running.for_each_connection(&Connection::close_if_idle);
    if (!running.wait_until_closed(grace)) {
      running.for_each_connection(&Connection::close_now);
      running.wait_until_closed(forced_close_grace);
    }
  }
  // A handler that has begun ends; what waits behind it is dropped.
  running.shared.handlers.stop();
  running.shared.handlers.join();
  running.shared.io.stop();
  for (auto& thread : running.threads) thread.join();
}

std::uint16_t Server::port() const { return running_->port; }

std::string Server::url() const {
  net::ip::address address;
  read_address(running_->shared.options.address, &address);
  const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  const char* scheme = running_->shared.options.tls ? "https://" : "http://";
  return scheme + host + ":" + std::to_string(running_->port);
}

int Server::connections() const {
  const std::lock_guard lock(running_->shared.mutex);
  return static_cast<int>(running_->shared.connections.size());
}

int Server::waiting() const { return running_->shared.waiting.load(); }

int Server::streams() const { return running_->shared.streams.load(); }

}  // namespace ketavigil::ingest::http
