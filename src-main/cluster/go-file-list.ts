/** What Go's file server shows of a directory: kubelets of their logs, agnhost of its container. */

/** The content type of the page. */
export const FILE_LIST_TYPE = 'text/html; charset=utf-8'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }

/** What `url.URL.String` leaves as it is in a path. */
const link = (name: string): string => {
  const path = encodeURIComponent(name).replace(/%(24|26|2B|2F|3A|3D|40)/g, (code) => decodeURIComponent(code))
  // A name that could be read as a scheme is a path all the same.
  return name.includes(':') ? `./${path}` : path
}

/** A page of links. @param names of the entries, in any order; those of directories end in a slash */
export function fileListPage(names: Iterable<string>): string {
  const lines = [...names].sort().map((name) => `<a href="${link(name)}">${name.replace(/[&<>"']/g, (c) => ENTITIES[c]!)}</a>\n`)
  return `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${lines.join('')}</pre>\n`
}
