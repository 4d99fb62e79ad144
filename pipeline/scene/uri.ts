/** A URL without its query, which may hold a signature; a path stays as it is. */
export const shownUri = (uri: string): string => uri.replace(/^([a-z][a-z0-9+.-]*:\/\/[^?#]*)[?#].*$/is, '$1');

/** Name of the file that a path or URL ends with. */
export const baseName = (uri: string): string => shownUri(uri).split(/[/\\]/).at(-1) ?? uri;
