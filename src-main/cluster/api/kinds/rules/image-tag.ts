/** The tags of images. https://kubernetes.io/docs/concepts/containers/images/#image-names */

const HOST_PART = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const PATH = `${PATH_PART}(?:/${PATH_PART})*`
const REFERENCE = new RegExp(`^(?:${HOST}/)?(${PATH})(?::(?<tag>${TAG}))?(?:@(?<digest>${DIGEST}))?$`)
/** What would be taken for the id of an image is no name of one. */
const ID = /^[a-f0-9]{64}$/

/** The tag of an image: `latest` when it has neither tag nor digest, empty for a digest alone or for what is no image. */
export function imageTag(image: string): string {
  // What stands before the first slash is a host when it looks like one; else all is the name.
  const first = image.slice(0, Math.max(image.indexOf('/'), 0))
  const named = first && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()) ? image : `docker.io/${image}`
  const found = ID.test(image) ? undefined : REFERENCE.exec(named)?.groups
  if (!found) return ''
  return found['tag'] ?? (found['digest'] ? '' : 'latest')
}
