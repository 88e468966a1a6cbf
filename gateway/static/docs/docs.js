// Shows the OpenAPI file of one service at a time; the address remembers which.
"use strict";

const folder = "http/";
const services = document.getElementById("services");
const notice = document.getElementById("notice");

function say(text) {
  notice.textContent = text;
  notice.hidden = false;
}

async function documentedServices() {
  const answer = await fetch(folder);
  if (!answer.ok) {
    throw new Error(`HTTP ${answer.status}`);
  }
  const files = await answer.json();
  return files
    .map((file) => file.name)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length));
}

function link(name) {
  const anchor = document.createElement("a");
  anchor.href = `#${name}`;
  anchor.textContent = name;
  return anchor;
}

function show(names) {
  const asked = window.location.hash.slice(1);
  const name = names.includes(asked) ? asked : names[0];
  for (const anchor of services.children) {
    if (anchor.textContent === name) {
      anchor.setAttribute("aria-current", "page");
    } else {
      anchor.removeAttribute("aria-current");
    }
  }
  window.SwaggerUIBundle({
    url: `${folder}${name}.yaml`,
    dom_id: "#reader",
    docExpansion: "list",
    validatorUrl: null,
  });
}

documentedServices()
  .then((names) => {
    if (names.length === 0) {
      say("还没有接口文档。 There is no API documentation yet.");
      return;
    }
    services.replaceChildren(...names.map(link));
    show(names);
    window.addEventListener("hashchange", () => show(names));
  })
  .catch((reason) => {
    say(`无法读取接口文档，请稍后刷新。 The documentation could not be read (${reason.message}).`);
  });
