/** Jupyter's proof that a request comes from one of its own pages. */
const COOKIE = '_xsrf=';

/** Return the token from the page's cookies, null where it has none or may not read them. */
export function xsrfToken(): string | null {
  const tokens = cookies()
    .map(cookie => cookie.trim())
    .filter(cookie => cookie.startsWith(COOKIE));
  // Of several, by servers with different paths, the server takes the last, too.
  return tokens.at(-1)?.slice(COOKIE.length) ?? null;
}

function cookies(): string[] {
  try {
    return document.cookie.split(';');
  } catch {
    // A sandboxed page has no cookies; asking for them is an error there.
    return [];
  }
}
