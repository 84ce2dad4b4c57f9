// Runs a service worker outside of a browser: what it is pushed and what is clicked comes in as JSON, what it shows and
// opens goes out. Arguments: the worker's file; the files it imports are beside it.
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [worker, pushed, click] = [process.argv[2], JSON.parse(process.argv[3]), process.argv[4] === "click"];
const handlers = {};
const out = { shown: [], opened: [], closed: 0 };
const self = {
  addEventListener: (name, handler) => (handlers[name] = handler),
  registration: { showNotification: async (title, options) => void out.shown.push({ title, ...options }) },
  clients: { matchAll: async () => [], openWindow: async (url) => void out.opened.push(url) },
};
const context = vm.createContext({ self, crypto, fetch, URL, TextEncoder, Uint8Array, console, Date, JSON, Error });
const load = (file) => vm.runInContext(fs.readFileSync(file, "utf8"), context);
context.importScripts = (name) => load(path.join(path.dirname(worker), name));
load(worker);

async function run(name, event) {
  const waits = [];
  handlers[name]({ ...event, waitUntil: (promise) => waits.push(promise) });
  await Promise.all(waits);
}

(async () => {
  await run("push", { data: { json: () => pushed } });
  if (click) await run("notificationclick", { notification: { close: () => out.closed++, data: out.shown[0].data } });
  console.log(JSON.stringify(out));
})();
