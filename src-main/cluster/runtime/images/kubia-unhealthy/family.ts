/** luksa/kubia-unhealthy: answers five requests, then 500 to every one, for liveness probes to notice. */
import { kubiaFamily } from '../kubia/family.js'

const SOURCE = `const http = require('http');
const os = require('os');

console.log("Kubia server starting...");

var requestCount = 0;

var handler = function(request, response) {
  console.log("Received request from " + request.connection.remoteAddress);
  requestCount++;
  if (requestCount > 5) {
    response.writeHead(500);
    response.end("I'm not well. Please restart me!");
    return;
  }
  response.writeHead(200);
  response.end("You've hit " + os.hostname() + "\\n");
};

var www = http.createServer(handler);
www.listen(8080);
`

export const kubiaUnhealthy = kubiaFamily(['docker.io/luksa/kubia-unhealthy'], ['latest'], {
  answer: (hostname, count) =>
    count > 5 ? { status: 500, body: "I'm not well. Please restart me!" } : { status: 200, body: `You've hit ${hostname}\n` },
  source: SOURCE,
})
