/**
 * Let the browser itself download a URL of this server.
 *
 * The cookie authenticates, so no token is in the URL, and the browser writes straight to
 * disk. Without the `download` attribute an error page would replace JupyterLab.
 */
export function startDownload(url: string, filename: string): void {
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = filename;
  anchor.className = 'jp-SessionExport-download';
  anchor.hidden = true;
  document.body.appendChild(anchor);
  anchor.click();
  anchor.remove();
}
