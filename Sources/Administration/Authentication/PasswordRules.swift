extension Validation {
    /// 12…128 characters, not one of the commonest; any character counts, none is demanded (NIST SP 800-63B).
    func passwordFaults(_ password: String, pointer: String) -> [Failure.Field] {
        func fault(_ detail: String) -> [Failure.Field] { [Failure.Field(pointer, .invalidPassword, detail)] }
        guard (12...128).contains(password.unicodeScalars.count) else {
            return fault("A password has 12 to 128 characters.")
        }
        let folded = password.lowercased()
        let letters = folded.filter { $0.isLetter || $0.isNumber }
        if CommonPasswords.list.contains(folded) || CommonPasswords.list.contains(letters)
            || Set(folded).count < 4 || CommonPasswords.isRun(letters) || CommonPasswords.isRepetition(letters)
        {
            return fault("This password is one of the first that anybody would try; choose another.")
        }
        return []
    }
}

/// What is tried first against every account: the commonest words, sequences of the keyboard and of numbers, and
/// what people make of them to reach a required length.
enum CommonPasswords {
    static let list: Set<String> = {
        var passwords: Set<String> = []
        let endings = [
            "", "1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "2024", "2025", "2026", "01", "007",
        ]
        for word in words {
            for ending in endings { passwords.insert(word + ending) }
            passwords.insert(word + word)
        }
        return passwords
    }()

    /// Ascending or descending digits or letters, wrapping from 9 to 0.
    static func isRun(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 6 else { return false }
        let steps = zip(bytes, bytes.dropFirst()).map { (Int($1) - Int($0) + 10) % 10 }
        let isDigits = bytes.allSatisfy { (0x30...0x39).contains($0) }
        if isDigits { return steps.allSatisfy { $0 == 1 } || steps.allSatisfy { $0 == 9 } }
        let differences = zip(bytes, bytes.dropFirst()).map { Int($1) - Int($0) }
        return differences.allSatisfy { $0 == 1 } || differences.allSatisfy { $0 == -1 }
    }

    /// A piece of at most six characters, over and over.
    static func isRepetition(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 8 else { return false }
        return (1...6).contains { period in
            bytes.count >= 2 * period
                && bytes.indices.dropFirst(period).allSatisfy { bytes[$0] == bytes[$0 - period] }
        }
    }

    private static let words = [
        "password", "passw0rd", "p@ssw0rd", "p@ssword", "passwort", "passphrase", "password!", "contraseña",
        "contrasena",
        "senha", "senhasenha", "motdepasse", "mypassword", "yourpassword", "thepassword", "newpassword", "oldpassword",
        "changeme", "changemenow", "letmein", "letmeinnow", "welcome", "welcomeback", "welcomehome", "bienvenido",
        "bemvindo", "administrator", "administrador", "admin", "adminadmin", "root", "rootroot", "toor", "superuser",
        "qwerty", "qwertyuiop", "qwertyuiop[]", "qwertzuiop", "azertyuiop", "asdfghjkl", "asdfghjkl;", "zxcvbnm",
        "1qaz2wsx", "1qaz2wsx3edc", "1q2w3e4r", "1q2w3e4r5t", "1q2w3e4r5t6y", "qazwsxedc", "qazwsxedcrfv", "qweasdzxc",
        "iloveyou", "iloveyoubaby", "iloveyousomuch", "iloveu", "teamo", "tequiero", "amor", "sunshine", "princess",
        "princesa", "football", "baseball", "basketball", "futbol", "monkey", "dragon", "superman", "batman",
        "spiderman", "pokemon", "starwars", "minecraft", "trustno1", "master", "shadow", "michael", "jennifer",
        "jessica", "ashley", "charlie", "daniel", "thomas", "jordan", "hunter", "ranger", "harley", "buster", "tigger",
        "soccer", "hockey", "killer", "george", "andrew", "computer", "internet", "secret", "secretsecret", "topsecret",
        "nothing", "whatever", "freedom", "flower", "cookie", "chocolate", "butterfly", "summer", "winter", "spring",
        "autumn", "january", "february", "december", "november", "october", "september", "monday", "friday", "blink182",
        "liverpool", "chelsea", "arsenal", "barcelona", "realmadrid", "corinthians", "flamengo", "mustang", "ferrari",
        "mercedes", "corvette", "harleydavidson", "access", "accessgranted", "login", "loginlogin", "guest", "test",
        "testtest", "testtesttest", "testing", "example", "default", "temporary", "temppassword", "company",
        "correcthorsebatterystaple", "abc", "abcd", "abcdef", "abc123", "abcd1234", "a1b2c3d4", "a1b2c3d4e5f6",
        "aa123456", "zaq12wsx", "zaq1zaq1", "keybearer", "keybearerkeybearer",
    ]
}
