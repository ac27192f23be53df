import Foundation

#if canImport(FoundationNetworking)
@preconcurrency import FoundationNetworking
#endif

/// A line to the bank over HTTP, which blocks: one call, one answer.
///
/// It keeps no cookie and no cache, follows no redirection, and stops reading an answer that is too long.
package final class HttpLine: Sendable {
    /// The most bytes that an answer may have. A trust bundle with a long status list is the longest.
    package static let maximumAnswer = 4 * 1024 * 1024

    private let address: BankAddress
    private let session: URLSession
    private let answers: Answers
    private let limit: Int

    /// - Parameter timeout: in seconds, from the first byte sent to the last received.
    package init(
        address: BankAddress,
        timeout: TimeInterval,
        configuration: URLSessionConfiguration = .ephemeral,
        limit: Int = HttpLine.maximumAnswer
    ) {
        configuration.timeoutIntervalForRequest = timeout
        configuration.timeoutIntervalForResource = timeout
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        let queue = OperationQueue()
        queue.maxConcurrentOperationCount = 1
        self.address = address
        self.limit = limit
        answers = Answers()
        session = URLSession(configuration: configuration, delegate: answers, delegateQueue: queue)
    }

    deinit {
        session.finishTasksAndInvalidate()
    }

    /// Delivers a call and waits for the answer. Not on the main thread, and not on one of the cooperative pool.
    package func call(_ call: Data) throws(TransportFailure) -> Data {
        try exchange(address.call(call))
    }

    /// Fetches the trust bundle; blocks likewise.
    package func trust() throws(TransportFailure) -> Data {
        try exchange(address.trust)
    }

    private func exchange(_ request: URLRequest) throws(TransportFailure) -> Data {
        let answer = Answer(limit: limit)
        let task = session.dataTask(with: request)
        answers.expect(answer, for: task)
        task.resume()
        return try answer.wait().get()
    }
}

/// One answer, as it comes in. Written by the session's queue alone, until `done` is signalled; read afterwards.
private final class Answer: @unchecked Sendable {
    private let limit: Int
    private let done = DispatchSemaphore(value: 0)
    private var body = Data()
    private var outcome: Result<Data, TransportFailure>?

    init(limit: Int) {
        self.limit = limit
    }

    func wait() -> Result<Data, TransportFailure> {
        done.wait()
        return outcome ?? .failure(.unreachable)
    }

    /// - Returns: whether to go on reading.
    func add(_ data: Data) -> Bool {
        guard outcome == nil, body.count + data.count <= limit else {
            outcome = outcome ?? .failure(.status(0))
            return false
        }
        body.append(data)
        return true
    }

    func end(response: URLResponse?, error: (any Error)?) {
        if outcome == nil {
            if let error {
                outcome = .failure(TransportFailure(error))
            } else {
                let status = (response as? HTTPURLResponse)?.statusCode ?? 0
                outcome = status == 200 ? .success(body) : .failure(.status(UInt16(clamping: status)))
            }
        }
        done.signal()
    }
}

/// Hands what the session receives to the answer that waits for it.
private final class Answers: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let lock = NSLock()
    private var waiting: [Int: Answer] = [:]

    func expect(_ answer: Answer, for task: URLSessionTask) {
        lock.withLock { waiting[task.taskIdentifier] = answer }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let answer = lock.withLock { waiting[dataTask.taskIdentifier] }
        if answer?.add(data) == false { dataTask.cancel() }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let answer = lock.withLock { waiting.removeValue(forKey: task.taskIdentifier) }
        answer?.end(response: task.response, error: error)
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
