/** Where the stand-in for OpenAI's component is served; nothing answers there but the tests. */
export const CHATKIT_SCRIPT = "https://chatkit.example/deployments/chatkit/chatkit.js";

/** What the component shows in its frame, which comes from where its script does. */
export const CHATKIT_FRAME = new URL("frame.html", CHATKIT_SCRIPT).href;

/**
 * A stand-in for OpenAI's component: it has the element's documented interface (`setOptions`,
 * `setThreadId`, the `chatkit.*` events), brings styles and a frame, and speaks the ChatKit protocol
 * through the `fetch` that it is given.
 */
export const CHATKIT_STAND_IN = `
customElements.define("openai-chatkit", class extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #options;
  #thread = null;

  setOptions(options) {
    this.#options = options;
    this.#thread = options.initialThread ?? null;
  }

  async setThreadId(id) {
    this.#show(id);
  }

  connectedCallback() {
    this.#root.innerHTML =
      '<style>output { color: rgb(1, 2, 3) }</style>' +
      '<p data-testid="hosted-options"></p><p data-testid="hosted-thread"></p>' +
      '<output data-testid="hosted-answer"></output>' +
      '<input data-testid="hosted-input" aria-label="Message to the component">';
    const frame = document.createElement("iframe");
    frame.src = ${JSON.stringify(CHATKIT_FRAME)};
    frame.title = "Chat";
    this.#root.append(frame);
    const { url, domainKey } = this.#options.api;
    this.#find("options").textContent = JSON.stringify({ url, domainKey });
    this.#show(this.#thread);
    this.#find("input").addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#send(event.target.value);
    });
    this.dispatchEvent(new CustomEvent("chatkit.ready"));
  }

  #find(name) {
    return this.#root.querySelector('[data-testid="hosted-' + name + '"]');
  }

  #show(threadId) {
    this.#thread = threadId;
    this.#find("thread").textContent = threadId ?? "new";
    this.dispatchEvent(new CustomEvent("chatkit.thread.change", { detail: { threadId } }));
  }

  async #send(text) {
    const input = {
      content: [{ type: "input_text", text }], attachments: [], inference_options: {},
    };
    const response = await this.#options.api.fetch(this.#options.api.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(this.#thread === null
        ? { type: "threads.create", params: { input } }
        : { type: "threads.add_user_message", params: { input, thread_id: this.#thread } }),
    });
    for (const part of (await response.text()).split("\\n\\n")) {
      if (!part.startsWith("data: ")) continue;
      const event = JSON.parse(part.slice(6));
      if (event.type === "thread.created") this.#show(event.thread.id);
      if (event.type === "thread.item.done" && event.item.type === "assistant_message") {
        this.#find("answer").textContent = event.item.content[0].text;
      }
    }
    this.dispatchEvent(new CustomEvent("chatkit.response.end"));
  }
});
`;
