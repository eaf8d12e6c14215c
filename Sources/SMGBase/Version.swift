/// The release this source is.
package enum SMGVersion {
    package static let text = "0.1.0"
}
