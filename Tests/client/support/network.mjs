// The way to the service, for a chat's option `fetch`: it remembers the calls, and has the faults that a test makes.

const { fetch: realFetch } = globalThis;

export class Network {
  #pending = new Set();
  #lost = {};
  #answers = {};

  /** Each call that was made: {route, body, token}. */
  calls = [];
  isDown = false;

  fetch = async (url, options) => {
    const route = String(url).split("/").at(-1);
    const token = new Headers(options.headers).get("Authorization")?.replace("Bearer ", "");
    this.calls.push({ route, body: JSON.parse(options.body), token });
    if (this.isDown) throw failure();
    if (this.#answers[route]?.length > 0) return this.#answers[route].shift();
    const response = await this.#request(url, options);
    if (!this.#lost[route]) return response;
    this.#lost[route] -= 1;
    await response.arrayBuffer();
    throw failure();
  };

  /** Cuts what is under way, and lets nothing through. */
  goDown() {
    this.isDown = true;
    for (const cut of this.#pending) cut();
  }

  comeBack() {
    this.isDown = false;
  }

  /** The next answers of a route are lost, when the service has made them. */
  loseAnswers(route, count = 1) {
    this.#lost[route] = count;
  }

  /** The next call of a route is answered so, and does not reach the service. */
  answer(route, status, body, headers = {}) {
    const response = new Response(JSON.stringify(body), {
      status, headers: { "Content-Type": "application/json", ...headers },
    });
    (this.#answers[route] ??= []).push(response);
  }

  callsOf(route) {
    return this.calls.filter((call) => call.route === route);
  }

  async #request(url, options) {
    const request = new AbortController();
    const abort = () => request.abort();
    options.signal?.addEventListener("abort", abort);
    this.#pending.add(abort);
    try {
      return await realFetch(url, { ...options, signal: request.signal });
    } finally {
      this.#pending.delete(abort);
      options.signal?.removeEventListener("abort", abort);
    }
  }
}

const failure = () => new TypeError("fetch failed");
