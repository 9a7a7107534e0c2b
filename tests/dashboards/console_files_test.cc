// The console's files as the program serves them.
#include "dashboards/console/console_files.h"

#include <zlib.h>

#include <fstream>
#include <sstream>

namespace ketavigil {
namespace {

namespace access = dashboards::access;
using access::Answer;
using access::Headers;
using dashboards::console::ConsoleFiles;

std::string file_text(const std::string& name) {
  std::stringstream text;
  text << std::ifstream(std::string(KETAVIGIL_SOURCE_DIR) + "/dashboards/console/dist/" + name)
              .rdbuf();
  return text.str();
}

std::string inflated(const std::string& bytes) {
  z_stream state{};
  inflateInit2(&state, MAX_WBITS + 16);
  std::string out(std::size_t{4} << 20, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  state.avail_in = static_cast<uInt>(bytes.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&state, Z_FINISH), Z_STREAM_END);
  out.resize(state.total_out);
  inflateEnd(&state);
  return out;
}

std::string header_of(const Answer& answer, const std::string& name) {
  for (const auto& [key, value] : answer.headers) {
    if (key == name) return value;
  }
  return "";
}

class Console : public testing::Test {
 protected:
  [[nodiscard]] Answer get(const std::string& path, const Headers& headers = {}) const {
    return files_.answer({"GET", path, "", "", headers});
  }
  const ConsoleFiles files_;
};

TEST_F(Console, files_are_those_of_its_folder_byte_for_byte) {
  ASSERT_EQ(files_.files().size(), 4U);
  for (const std::string name : {"console.js", "console.css", "icon.svg"}) {
    const Answer answer = get("/assets/" + name);
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.body.empty());
    EXPECT_EQ(answer.body, file_text(name)) << name;
  }
  EXPECT_EQ(get("/assets/console.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/assets/console.css").content_type, "text/css; charset=utf-8");
  EXPECT_EQ(get("/assets/icon.svg").content_type, "image/svg+xml");
}

TEST_F(Console, every_page_is_the_one_file) {
  for (const std::string path : {"/", "/cases", "/cases/BP-2-1", "/patients/%3Cscript%3E",
                                 "/programme", "/feeds", "/quarantine/1", "/sign-in"}) {
    const Answer answer = get(path);
    EXPECT_EQ(answer.body, file_text("index.html")) << path;
    EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
  }
}

TEST_F(Console, no_other_file_can_be_asked_for) {
  for (const std::string path :
       {"/assets/", "/assets/index.html", "/assets/x", "/assets/../console.js",
        "/assets/../../etc/passwd", "/assets/%2e%2e/metrics", "/assets/..%2f..%2fetc%2fpasswd",
        "/assets//console.js", "/assets/console.js/", "/assets/console.js%00", "/assets/CONSOLE.JS",
        "/assets/./console.js", "/assets/console.js\\..\\x"}) {
    const Answer answer = get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.content_type, "application/json");
  }
}

TEST_F(Console, who_takes_gzip_gets_it_and_others_do_not) {
  for (const std::string accepted :
       {"gzip", "br, gzip", "gzip;q=0.5, deflate", "deflate , gzip ; q=1.0"}) {
    const Answer answer = get("/assets/console.css", {{"accept-encoding", accepted}});
    EXPECT_EQ(header_of(answer, "Content-Encoding"), "gzip") << accepted;
    EXPECT_EQ(inflated(answer.body), file_text("console.css")) << accepted;
  }
  for (const std::string not_accepted :
       {"", "br", "gzip;q=0", "gzip; q=0.000", "identity", "xgzip", "gzipped"}) {
    const Answer answer = get("/assets/console.css", {{"accept-encoding", not_accepted}});
    EXPECT_EQ(header_of(answer, "Content-Encoding"), "") << not_accepted;
    EXPECT_EQ(answer.body, file_text("console.css")) << not_accepted;
  }
}

TEST_F(Console, what_is_known_is_not_sent_again) {
  for (const Headers& accepts : {Headers(), Headers({{"accept-encoding", "gzip"}})}) {
    for (const std::string path : {"/", "/assets/console.js"}) {
      const Answer first = get(path, accepts);
      const std::string etag = header_of(first, "ETag");
      EXPECT_TRUE(etag.starts_with('"') && etag.ends_with('"')) << etag;
      EXPECT_EQ(header_of(first, "Cache-Control"), "no-cache");
      for (const std::string& known : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
        Headers again = accepts;
        again.emplace_back("if-none-match", known);
        const Answer answer = get(path, again);
        EXPECT_EQ(answer.status, 304) << known;
        EXPECT_EQ(answer.body, "");
        EXPECT_EQ(header_of(answer, "ETag"), etag);
      }
      Headers other = accepts;
      other.emplace_back("if-none-match", "\"other\", " + etag.substr(1));
      EXPECT_EQ(get(path, other).status, 200);
    }
  }
  EXPECT_NE(header_of(get("/assets/console.js"), "ETag"),
            header_of(get("/assets/console.js", {{"accept-encoding", "gzip"}}), "ETag"));
}

TEST_F(Console, page_asks_nobody_else_and_holds_no_script_of_its_own) {
  const std::string page = file_text("index.html");
  EXPECT_EQ(page.find("http:"), std::string::npos);
  EXPECT_EQ(page.find("https:"), std::string::npos);
  EXPECT_EQ(page.find("<style"), std::string::npos);
  EXPECT_EQ(page.find("style="), std::string::npos);
  for (std::size_t at = page.find("<script"); at != std::string::npos;
       at = page.find("<script", at + 1)) {
    EXPECT_NE(page.substr(at, page.find('>', at) - at).find("src=\"/assets/"), std::string::npos);
    EXPECT_EQ(page.substr(page.find('>', at), 10), "></script>");
  }
}

}  // namespace
}  // namespace ketavigil
