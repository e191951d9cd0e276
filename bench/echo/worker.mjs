// @ts-check
import { DurableObject } from "cloudflare:workers";

/** The least a hibernating object can do with a message: say it back. Nothing is read and nothing is stored. */
export class EchoObject extends DurableObject {
  /** @override */
  async fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  /**
   * @override
   * @param {WebSocket} socket
   * @param {string | ArrayBuffer} message
   */
  webSocketMessage(socket, message) {
    socket.send(message);
  }

  /**
   * @override
   * @param {WebSocket} socket
   * @param {number} code
   */
  webSocketClose(socket, code) {
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }
}

export default {
  /**
   * @param {Request} request
   * @param {{ ECHO: DurableObjectNamespace }} env
   */
  fetch(request, env) {
    return env.ECHO.getByName("echo").fetch(request);
  },
};
