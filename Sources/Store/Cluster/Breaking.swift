import Foundation
import KeybearerCluster

/// Which rule of the protocol this process breaks: none, but in debug builds what `BREAK_KEYBEARER_RULE` names, so that
/// the test which looks for violations can be shown to find them.
enum Breaking {
    #if KEYBEARER_BREAKABLE
        static let rule = Breakage(
            ProcessInfo.processInfo.environment["BREAK_KEYBEARER_RULE"].flatMap(Rule.init(rawValue:)))
    #else
        static let rule = Breakage()
    #endif
}
