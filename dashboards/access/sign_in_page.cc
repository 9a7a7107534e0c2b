#include "dashboards/access/sign_in_page.h"

#include "dashboards/access/secret.h"
#include "events/json_text.h"

namespace ketavigil::dashboards::access {
namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--back:#f6f7f9;--paper:#fff;--ink:#1a2230;--soft:#566072;--line:#8a93a3;--main:#1f5fbf;--on:#fff;--bad:#a3161c}
@media (prefers-color-scheme:dark){:root{--back:#12161d;--paper:#1a2029;--ink:#e8ecf2;--soft:#a3adbd;--line:#6c7686;--main:#8ab4f8;--on:#10213d;--bad:#ff9c98}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--back);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:26rem;padding:2rem;background:var(--paper);border:1px solid var(--line);border-radius:.5rem}
h1{margin:0 0 .25rem;font-size:1.35rem}
p{margin:0 0 1.25rem;color:var(--soft)}
p[role=alert]{color:var(--bad);font-weight:600}
label{display:block;margin-bottom:.35rem;font-weight:600}
input,button{width:100%;padding:.65rem .75rem;font:inherit;border-radius:.35rem}
input{margin-bottom:1rem;color:var(--ink);background:var(--back);border:1px solid var(--line)}
button{color:var(--on);background:var(--main);border:1px solid transparent;font-weight:600;cursor:pointer}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
code{font-family:ui-monospace,monospace}
)";

constexpr std::string_view before_next =
    R"(<main><h1>Ketavigil</h1><p>Sign in with the token that you were given.</p>)";
constexpr std::string_view after_next =
    R"(<label for="token">Token</label><input id="token" name="token" type="password" required autofocus autocomplete="current-password" spellcheck="false" autocapitalize="off"><button type="submit">Sign in</button></form></main>)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string head_of(std::string_view more) {
  return std::string("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta ") +
         "name=\"viewport\" content=\"width=device-width,initial-scale=1\">" + std::string(more) +
         "<title>Sign in · Ketavigil</title><style>" + std::string(style) + "</style></head><body>";
}

Answer page_of(int status, std::string body) {
  static const std::string policy =
      "default-src 'none'; style-src 'sha256-" + base64(events::sha256(style)) +
      "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
  Answer answer;
  answer.status = status;
  answer.content_type = "text/html; charset=utf-8";
  answer.body = std::move(body);
  answer.headers = {{"Content-Security-Policy", policy},
                    {"Cache-Control", "no-store"},
                    // Without a referrer at all the form would be sent with `Origin: null`.
                    {"Referrer-Policy", "same-origin"},
                    {"Vary", "Cookie, Authorization, Accept, Sec-Fetch-Site"}};
  if (status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"ketavigil\"");
  return answer;
}

}  // namespace

Answer sign_in_page(int status, std::string_view next, std::string_view trouble) {
  std::string body = head_of("");
  body += before_next;
  if (!trouble.empty()) body += "<p role=\"alert\">" + escaped(trouble) + "</p>";
  body += "<form method=\"post\" action=\"" + std::string(session_path) +
          "\"><input type=\"hidden\" name=\"next\" value=\"" + escaped(own_path(next)) + "\">";
  body += after_next;
  body += "</body></html>\n";
  return page_of(status, std::move(body));
}

Answer come_again_page(std::string_view next) {
  const std::string target = std::string(sign_in_path) + "?next=" + percent_encoded(own_path(next));
  std::string body = head_of("<meta http-equiv=\"refresh\" content=\"0;url=" + target + "\">");
  body +=
      "<main><h1>Ketavigil</h1><p><a href=\"" + target + "\">Go on</a></p></main></body></html>\n";
  return page_of(401, std::move(body));
}

}  // namespace ketavigil::dashboards::access
