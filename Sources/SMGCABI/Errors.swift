public import CSMG

// Reading and ending errors. NULL stands for no error.

private let noName = CText("ok")
private let noMessage = CText("")
private let noDetail = CText("{}")

@c @implementation
public func smg_error_code(_ error: OpaquePointer!) -> smg_status {
    error.map { ErrorObject.at($0)._withUnsafeGuaranteedRef { $0.status } } ?? SMG_OK
}

@c @implementation
public func smg_error_name(_ error: OpaquePointer!) -> UnsafePointer<CChar>! {
    error.map { ErrorObject.at($0)._withUnsafeGuaranteedRef { $0.name.bytes } } ?? noName.bytes
}

@c @implementation
public func smg_error_message(_ error: OpaquePointer!) -> UnsafePointer<CChar>! {
    error.map { ErrorObject.at($0)._withUnsafeGuaranteedRef { $0.message.bytes } } ?? noMessage.bytes
}

@c @implementation
public func smg_error_detail_json(_ error: OpaquePointer!) -> UnsafePointer<CChar>! {
    error.map { ErrorObject.at($0)._withUnsafeGuaranteedRef { $0.detail.bytes } } ?? noDetail.bytes
}

@c @implementation
public func smg_error_retryable(_ error: OpaquePointer!) -> Int32 {
    error.map { ErrorObject.at($0)._withUnsafeGuaranteedRef { $0.isRetryable ? 1 : 0 } } ?? 0
}

@c @implementation
public func smg_error_destroy(_ error: OpaquePointer!) {
    if let error { ErrorObject.at(error).release() }
}
