// SPDX-License-Identifier: MIT
/// \file Holds what each page has: its looks, light and dark, and the search.
#ifndef TASKLEAK_DETAIL_REPORT_HTML_PAGE_PARTS_HPP
#define TASKLEAK_DETAIL_REPORT_HTML_PAGE_PARTS_HPP

#include <string_view>

namespace taskleak::inline v0::detail {

/// The page asks nobody for anything: the policy has the browser hold it to that.
inline constexpr std::string_view html_head = R"(<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<style>
:root {
  --page: #fbfbfa; --card: #ffffff; --text: #1c1f24; --quiet: #5c6470; --line: #d9dce1; --code: #f2f3f5; --link: #0b5cad;
  --red: #b3261e; --red-page: #fdecea; --orange: #9a5300; --orange-page: #fdf1e3; --blue: #0b5cad; --blue-page: #e8f1fb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1d2024; --text: #e4e7eb; --quiet: #a0a8b3; --line: #363b42; --code: #262a2f; --link: #7ab8ff;
    --red: #ff8a80; --red-page: #3d1d1b; --orange: #ffb870; --orange-page: #3a2814; --blue: #7ab8ff; --blue-page: #17293d;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 76rem; margin: 0 auto; padding: 1rem 1.5rem; }
h1 { font-size: 1.4rem; margin: 0.5rem 0 0; }
h2 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
h3 { font-size: 0.85rem; margin: 1rem 0 0.25rem; color: var(--quiet); font-weight: 600; }
p { margin: 0.25rem 0; }
.quiet { color: var(--quiet); }
.bar { position: sticky; top: 0; z-index: 1; background: var(--page); border-bottom: 1px solid var(--line); padding: 0.6rem 1.5rem; }
.bar > div { max-width: 73rem; margin: 0 auto; display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; }
input[type=search] { flex: 1 1 16rem; padding: 0.4rem 0.6rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: inherit; font: inherit; }
button { padding: 0.4rem 0.8rem; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: inherit; font: inherit; cursor: pointer; }
section { margin: 1.25rem 0; border: 1px solid var(--line); border-radius: 8px; background: var(--card); padding: 1rem; }
.place, .place + p { font-size: 0.9rem; }
details.task { border-top: 1px solid var(--line); margin-top: 0.75rem; padding-top: 0.6rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary:focus-visible, input:focus-visible, button:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.name { font-weight: 600; }
.state, .function, code, pre, td { font-family: ui-monospace, monospace; font-size: 0.86rem; }
.state { color: var(--quiet); }
.verdict { border-radius: 999px; padding: 0.05rem 0.55rem; font-size: 0.8rem; font-weight: 600; background: var(--blue-page); color: var(--blue); }
.verdict.orphaned { background: var(--orange-page); color: var(--orange); }
.verdict.deadlocked, .verdict.error { background: var(--red-page); color: var(--red); }
.body { padding-left: 1.1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
td { padding: 0.05rem 1rem 0.05rem 0; vertical-align: top; white-space: nowrap; }
td + td { color: var(--quiet); }
tr.plumbing { display: none; }
.all-frames tr.plumbing { display: table-row; color: var(--quiet); }
ul.tree, ul.tree ul { list-style: none; margin: 0; padding-left: 1.2rem; border-left: 1px solid var(--line); }
ol.path { margin: 0; padding-left: 1.4rem; font-family: ui-monospace, monospace; font-size: 0.86rem; }
svg { max-width: none; font: 11px ui-monospace, monospace; }
svg rect { fill: var(--card); stroke: var(--quiet); }
svg .orphaned rect { stroke: var(--orange); stroke-width: 2; }
svg .deadlocked rect { stroke: var(--red); stroke-width: 2; }
svg .object rect { fill: var(--code); }
svg .outside rect { stroke-dasharray: 4 3; }
svg text { fill: var(--text); }
svg path { fill: none; stroke: var(--quiet); }
svg marker path { fill: var(--quiet); stroke: none; }
svg .label { fill: var(--quiet); font-size: 10px; }
[hidden] { display: none !important; }
</style>
)";

/// Without the script the page has all the same to read: blocks open by themselves.
inline constexpr std::string_view html_script = R"(<script>
(function () {
  "use strict";
  var search = document.getElementById("search"), told = document.getElementById("told");
  var tasks = Array.from(document.querySelectorAll("details.task")), sections = Array.from(document.querySelectorAll("section"));
  var texts = tasks.map(function (task) { return (task.dataset.scope + " " + task.textContent).toLowerCase(); });
  function find() {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    tasks.forEach(function (task, i) {
      task.hidden = !words.every(function (word) { return texts[i].includes(word); });
      if (!task.hidden) shown += 1;
    });
    sections.forEach(function (section) {
      var own = Array.from(section.querySelectorAll("details.task"));
      var heading = section.querySelector("h2").textContent.toLowerCase();
      section.hidden = words.length > 0 && own.every(function (task) { return task.hidden; }) &&
        !(own.length === 0 && words.every(function (word) { return heading.includes(word); }));
    });
    told.textContent = words.length > 0 ? shown + " of " + tasks.length + " shown" : "";
  }
  function open(all) { tasks.forEach(function (task) { if (!task.hidden) task.open = all; }); }
  search.addEventListener("input", find);
  document.getElementById("open").addEventListener("click", function () { open(true); });
  document.getElementById("close").addEventListener("click", function () { open(false); });
  document.getElementById("frames").addEventListener("change", function (event) {
    document.body.classList.toggle("all-frames", event.target.checked);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); }
  });
  if (location.hash.startsWith("#search=")) { search.value = decodeURIComponent(location.hash.slice(8)); find(); }
})();
</script>
)";

}  // namespace taskleak::inline v0::detail

#endif
