//! Colors as style sheets write them: `#1f3d36` with 3, 4, 6 or 8 digits, `rgb(31, 61, 54)`, `rgba(31, 61, 54, 0.5)`.

/// A color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    /// Red, green and blue.
    pub channels: [u8; 3],
    /// How much of what is behind it is covered, of 255.
    pub alpha: u8,
}

/// How a color is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `#1f3d36`, with letters in upper case where `upper`.
    Hex {
        /// Whether letters are in upper case.
        upper: bool,
    },
    /// `rgb(31, 61, 54)`.
    Function,
}

impl Color {
    /// The color that a text is, and how it is written; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<(Self, Notation)> {
        match text.strip_prefix('#') {
            Some(digits) => {
                let upper = digits.bytes().any(|digit| digit.is_ascii_uppercase());
                Some((Self::of_digits(digits)?, Notation::Hex { upper }))
            }
            None => Some((Self::of_function(text)?, Notation::Function)),
        }
    }

    fn of_digits(digits: &str) -> Option<Self> {
        let digits: Option<Vec<u32>> = digits.chars().map(|digit| digit.to_digit(16)).collect();
        let digits = digits?;
        let numbers: Vec<u32> = match digits.len() {
            3 | 4 => digits.iter().map(|digit| digit * 17).collect(),
            6 | 8 => digits
                .chunks(2)
                .map(|pair| pair[0] * 16 + pair[1])
                .collect(),
            _ => return None,
        };
        let number = |at: usize| numbers.get(at).and_then(|it| u8::try_from(*it).ok());
        Some(Self {
            channels: [number(0)?, number(1)?, number(2)?],
            alpha: number(3).unwrap_or(255),
        })
    }

    fn of_function(text: &str) -> Option<Self> {
        let text = text.strip_suffix(')')?;
        let (name, arguments) = text.split_once('(')?;
        let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
        let channel = |at: usize| arguments.get(at)?.parse::<u8>().ok();
        let alpha = match (name, arguments.len()) {
            ("rgb", 3) => 255,
            ("rgba", 4) => share(arguments[3])?,
            _ => return None,
        };
        Some(Self {
            channels: [channel(0)?, channel(1)?, channel(2)?],
            alpha,
        })
    }

    /// The color as a text.
    #[must_use]
    pub fn write(&self, notation: Notation) -> String {
        let [red, green, blue] = self.channels;
        match (notation, self.alpha) {
            (Notation::Function, 255) => format!("rgb({red}, {green}, {blue})"),
            (Notation::Function, alpha) => {
                let hundredths = (u32::from(alpha) * 100 + 127) / 255;
                let share = format!("{}.{:02}", hundredths / 100, hundredths % 100);
                let share = share.trim_end_matches('0').trim_end_matches('.');
                format!("rgba({red}, {green}, {blue}, {share})")
            }
            (Notation::Hex { upper }, alpha) => {
                let mut digits = format!("{red:02x}{green:02x}{blue:02x}");
                if alpha != 255 {
                    digits = format!("{digits}{alpha:02x}");
                }
                if upper {
                    digits.make_ascii_uppercase();
                }
                format!("#{digits}")
            }
        }
    }
}

/// A share from 0 to 1, of 255.
fn share(text: &str) -> Option<u8> {
    let share: f32 = text.parse().ok()?;
    (0.0..=1.0).contains(&share).then(|| byte(share))
}

/// A share from 0 to 1 as a byte; what is outside is the nearest end.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is between 0 and 255"
)]
pub fn byte(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> String {
        Color::parse(text).map_or_else(
            || "none".to_owned(),
            |(color, notation)| {
                let other = match notation {
                    Notation::Hex { .. } => Notation::Function,
                    Notation::Function => Notation::Hex { upper: false },
                };
                format!("{} {}", color.write(notation), color.write(other))
            },
        )
    }

    #[test]
    fn colors_are_what_style_sheets_call_one() {
        for (text, expected) in [
            ("#fff", "#ffffff rgb(255, 255, 255)"),
            ("#0F08", "#00FF0088 rgba(0, 255, 0, 0.53)"),
            ("#1f3d36", "#1f3d36 rgb(31, 61, 54)"),
            ("#0363AD", "#0363AD rgb(3, 99, 173)"),
            ("#00000000", "#00000000 rgba(0, 0, 0, 0)"),
            ("rgb(1,2, 3)", "rgb(1, 2, 3) #010203"),
            ("rgba(1, 2, 3, 0.5)", "rgba(1, 2, 3, 0.5) #01020380"),
            ("rgba(1, 2, 3, 1)", "rgb(1, 2, 3) #010203"),
            // Nearly opaque: the share is rounded to two digits.
            ("#010203fe", "#010203fe rgba(1, 2, 3, 1)"),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
        for text in [
            "",
            "#",
            "#ff",
            "#fffff",
            "#ggg",
            "# fff",
            "#fffffff",
            "#brand",
            "fff",
            "red",
            "rgb(1, 2)",
            "rgb(1, 2, 256)",
            "rgba(1, 2, 3, 2)",
            "rgb(1, 2, 3",
            "hsl(1, 2, 3)",
            "#ééé",
            "#fff ",
        ] {
            assert_eq!(written(text), "none", "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_written_is_read_as_the_same(channels: [u8; 3], alpha: u8, upper: bool) {
            let color = Color { channels, alpha };
            let (read, _) = Color::parse(&color.write(Notation::Hex { upper })).unwrap();
            prop_assert_eq!(read, color);
            let (read, notation) = Color::parse(&color.write(Notation::Function)).unwrap();
            prop_assert_eq!((read.channels, notation), (channels, Notation::Function));
            prop_assert!(read.alpha.abs_diff(alpha) <= 1, "{} {}", read.alpha, alpha);
        }

        #[test]
        fn no_text_is_too_odd(text in "(#|rgba?\\()?[0-9a-fé,. )-]{0,12}") {
            let _ = Color::parse(&text);
        }
    }
}
