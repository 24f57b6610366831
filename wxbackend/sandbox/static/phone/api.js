// Talks to the sandbox; a refusal becomes an Error with the sandbox's own words.
async function call(method, path, payload) {
  const options = { method, headers: {} };
  if (payload !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(payload);
  }
  const answer = await fetch(path, options);
  const text = await answer.text();
  const body = text && answer.headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(body?.error ?? `沙箱答复 ${answer.status}`);
  return body;
}

export const get = (path) => call("GET", path);
export const put = (path, payload) => call("PUT", path, payload);
export const post = (path, payload) => call("POST", path, payload);
export const remove = (path) => call("DELETE", path);
