/**
 * The little there is of the world outside. Nothing in the cluster reaches the real one; this is what the pages of the
 * Kubernetes documentation ask for: the init container of "Configure Pod Initialization" fetches the first website.
 */
import type { Fabric } from './fabric.js'
import { serveHttp } from './http.js'

const FIRST_WEBSITE = `<html><head></head><body><header>
<title>http://info.cern.ch</title>
</header>

<h1>http://info.cern.ch - home of the first website</h1>
<ul>
<li><a href="http://info.cern.ch/hypertext/WWW/TheProject.html">Browse the first website</a></li>
</ul>
</body></html>
`

/** Puts the hosts that there are into the network. */
export function attachOutside(network: Fabric): void {
  const cern = network.addOutside('info.cern.ch', '188.184.67.127')
  serveHttp(
    cern,
    80,
    (req, res) => {
      req.resume()
      const found = req.url === '/'
      const body = found ? FIRST_WEBSITE : '<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n'
      res.writeHead(found ? 200 : 404, { Server: 'Apache', 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(body) })
      res.end(body)
    },
    { clock: network.clock },
  )
}
