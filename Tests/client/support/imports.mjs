// A program that does nothing but import the module, where what only a browser has must not be touched.

for (const name of ["document", "window", "self", "location", "navigator", "localStorage", "sessionStorage"]) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() { throw new Error(`${name} is touched`); },
  });
}
const { createChat } = await import("../../../nginx/www/client/index.js");
createChat({ baseUrl: "http://127.0.0.1:9/", getToken: () => null });
process.stdout.write(`stopped ${process.getActiveResourcesInfo().filter((it) => /Timeout|TCP|MessagePort/.test(it))}`);
