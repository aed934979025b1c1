import Foundation
import KeybearerConsole

extension SettingReader {
    /// How the operator's name and looks stand on the pages.
    func brand() throws -> Brand {
        let name = try text("branding.name")
        guard name.unicodeScalars.count <= 60 else {
            throw try value("branding.name").fault("has 60 characters at most")
        }
        return Brand(name: name, colour: try colour(), logo: try logo(), helpLink: try helpLink())
    }

    private func colour() throws -> Brand.Colour? {
        guard let text = try optionalText("branding.color") else { return nil }
        guard let colour = Brand.Colour(text) else {
            throw try value("branding.color").fault("is a colour such as \"#1f5fae\", in quotation marks")
        }
        return colour
    }

    private func logo() throws -> Asset? {
        guard let text = try optionalText("branding.logo") else { return nil }
        let value = try value("branding.logo")
        guard let bytes = FileManager.default.contents(atPath: path(text)), bytes.count <= 262_144 else {
            throw value.fault("its file cannot be read, or is larger than 256 KiB")
        }
        switch URL(fileURLWithPath: text).pathExtension.lowercased() {
        case "svg": return Asset("logo", "svg", contentType: "image/svg+xml", bytes: Array(bytes))
        case "png": return Asset("logo", "png", contentType: "image/png", bytes: Array(bytes))
        default: throw value.fault("is a .svg or .png file")
        }
    }

    private func helpLink() throws -> String? {
        guard let text = try optionalText("branding.help_url") else { return nil }
        let value = try value("branding.help_url")
        guard let url = URLComponents(string: text), ["https", "mailto"].contains(url.scheme ?? "") else {
            throw value.fault("is an https or mailto address")
        }
        return text
    }
}
